"""What the cases of action_test.py begin with beside instances, functions and buckets: identities,
and resources that have a policy of their own. Each gives an entity, and how boto3 tells it now."""
import dataclasses
import json
import typing
import uuid

from moto_world import ACCOUNT, REGION

FOREIGN = "999988887777"
MANAGED = {"management_account": ACCOUNT}
WORKFORCE = {"identity_center_account": ACCOUNT, "identity_center_region": REGION}
METADATA = ('<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" '
            'entityID="https://idp.example.com">' + "x" * 1000 + "</EntityDescriptor>")


@dataclasses.dataclass
class Subject:
    entity: str
    look: typing.Callable  # what the action is about, as boto3 tells it now
    open_again: typing.Callable = None  # what an attacker would do, for the watch to find
    given: dict = dataclasses.field(default_factory=dict)  # what the action is told beside
    secret: str = ""  # which nothing may keep
    meanwhile: typing.Callable = lambda: None  # what happens once it is approved, and must not matter

    def told(self):
        return [word for name, value in self.given.items() for word in ("--with", f"{name}={value}")]


def statement(**members):
    return {"Version": "2012-10-17", "Statement": members}


def or_none(client, ask):
    try:
        return ask()
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"].startswith(("NoSuch", "NotFound")):
            return None
        raise


class Identities:
    def trusting(self, name, principal=None):
        """A role, with the rest of what a role may have."""
        iam = self.client("iam")
        trust = statement(Effect="Allow", Action="sts:AssumeRole",
                          Principal=principal or {"Service": "ec2.amazonaws.com"})
        iam.create_role(RoleName=name, Path="/app/", AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=json.dumps(
            statement(Effect="Allow", Action="s3:GetObject", Resource="*")))
        return f"aws:role/{ACCOUNT}/{name}"

    def managed(self, name):
        return self.client("iam").create_policy(
            PolicyName=name, Path="/a/", PolicyDocument=json.dumps(
                statement(Effect="Allow", Action="*", Resource="*")))["Policy"]["Arn"]

    def role_policies(self):
        iam = self.client("iam")
        entity = self.trusting("policied")
        return Subject(entity, lambda: {
            each: iam.get_role_policy(RoleName="policied", PolicyName=each)["PolicyDocument"]
            for each in iam.list_role_policies(RoleName="policied")["PolicyNames"]})

    def role_trust(self):
        iam = self.client("iam")
        entity = self.trusting("trusting", {"AWS": f"arn:aws:iam::{FOREIGN}:root"})
        return Subject(entity, lambda: iam.get_role(
            RoleName="trusting")["Role"]["AssumeRolePolicyDocument"])

    def role_boundary(self, name, before=None):
        iam = self.client("iam")
        entity = self.trusting(name)
        if before:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=before)
        return Subject(entity, lambda: iam.get_role(RoleName=name)["Role"].get(
            "PermissionsBoundary", {}).get("PermissionsBoundaryArn"))

    def user_boundary(self, name, before=None):
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if before:
            iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=before)
        return Subject(f"aws:user/{ACCOUNT}/{name}", lambda: iam.get_user(
            UserName=name)["User"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"))

    def doomed_role(self):
        iam = self.client("iam")
        entity = self.trusting("doomed-role")
        iam.attach_role_policy(RoleName="doomed-role", PolicyArn=self.managed("for-doomed-role"))
        iam.create_instance_profile(InstanceProfileName="doomed-role")
        iam.add_role_to_instance_profile(InstanceProfileName="doomed-role", RoleName="doomed-role")
        return Subject(entity, lambda: or_none(iam, lambda: iam.get_role(
            RoleName="doomed-role")["Role"]["RoleName"]) or iam.get_instance_profile(
                InstanceProfileName="doomed-role")["InstanceProfile"]["Roles"])

    def doomed_user(self):
        iam = self.client("iam")
        # Somebody else administers the account, else nobody may delete who does.
        iam.create_user(UserName="other-administrator")
        iam.create_login_profile(UserName="other-administrator", Password="other-Other-1")
        iam.attach_user_policy(UserName="other-administrator",
                               PolicyArn=self.managed("for-administrator"))
        name = "doomed-user"
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password="doomed-Doomed-1")
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
        iam.create_group(GroupName="doomed")
        iam.add_user_to_group(UserName=name, GroupName="doomed")
        iam.attach_user_policy(UserName=name, PolicyArn=self.managed("for-doomed-user"))
        iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=json.dumps(
            statement(Effect="Allow", Action="s3:GetObject", Resource="*")))
        self.device(name, name)
        return Subject(f"aws:user/{ACCOUNT}/{name}", lambda: or_none(
            iam, lambda: iam.get_user(UserName=name)["User"]["UserName"]) or iam.get_group(
                GroupName="doomed")["Users"])

    def doomed_policy(self):
        iam = self.client("iam")
        made = self.managed("doomed")
        iam.create_policy_version(PolicyArn=made, SetAsDefault=True, PolicyDocument=json.dumps(
            statement(Effect="Allow", Action="iam:*", Resource="*")))
        iam.create_user(UserName="with-doomed")
        iam.attach_user_policy(UserName="with-doomed", PolicyArn=made)
        self.trusting("with-doomed")
        iam.attach_role_policy(RoleName="with-doomed", PolicyArn=made)
        iam.create_group(GroupName="with-doomed")
        iam.attach_group_policy(GroupName="with-doomed", PolicyArn=made)
        return Subject(f"aws:policy/{ACCOUNT}/doomed", lambda: or_none(
            iam, lambda: iam.get_policy(PolicyArn=made)["Policy"]["AttachmentCount"]))

    def login_profile(self):
        iam = self.client("iam")
        iam.create_user(UserName="console")
        iam.create_login_profile(UserName="console", Password="console-Console-1")
        return Subject(f"aws:login-profile/{ACCOUNT}/console", lambda: or_none(
            iam, lambda: iam.get_login_profile(UserName="console")["LoginProfile"]["UserName"]))

    def inactive_key(self):
        iam = self.client("iam")
        iam.create_user(UserName="keyed")
        keys = [iam.create_access_key(UserName="keyed")["AccessKey"]["AccessKeyId"] for _ in "12"]
        iam.update_access_key(UserName="keyed", AccessKeyId=keys[0], Status="Inactive")
        return Subject(f"aws:access-key/{keys[0]}", lambda: keys[0] in {
            each["AccessKeyId"]
            for each in iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]})

    def device(self, name, user):
        iam = self.client("iam")
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"][
            "SerialNumber"]
        iam.enable_mfa_device(UserName=user, SerialNumber=serial, AuthenticationCode1="123456",
                              AuthenticationCode2="234567")
        return serial

    def service_credential(self):
        iam = self.client("iam")
        iam.create_user(UserName="for-one-service")
        made = iam.create_service_specific_credential(
            UserName="for-one-service", ServiceName="bedrock.amazonaws.com")[
                "ServiceSpecificCredential"]["ServiceSpecificCredentialId"]

        def look():
            found = iam.list_service_specific_credentials(UserName="for-one-service")
            return {each["ServiceSpecificCredentialId"]: each["Status"]
                    for each in found["ServiceSpecificCredentials"]}[made]

        return Subject(f"aws:service-credential/{made}", look,
                       lambda: iam.update_service_specific_credential(
                           UserName="for-one-service", ServiceSpecificCredentialId=made,
                           Status="Active"))

    def mfa_device(self):
        iam = self.client("iam")
        iam.create_user(UserName="confirmed")
        serial = self.device("added", "confirmed")
        return Subject(f"aws:mfa-device/{ACCOUNT}/added", lambda: serial in {
            each["SerialNumber"] for each in iam.list_virtual_mfa_devices()["VirtualMFADevices"]})

    def oidc_provider(self):
        iam = self.client("iam")
        made = iam.create_open_id_connect_provider(
            Url="https://token.ci.example.com/acme", ClientIDList=["sts.amazonaws.com", "acme"],
            ThumbprintList=["b" * 40, "a" * 40],
            Tags=[{"Key": "team", "Value": "build"}])["OpenIDConnectProviderArn"]

        def look():
            found = or_none(iam, lambda: iam.get_open_id_connect_provider(
                OpenIDConnectProviderArn=made))
            return found and {"Url": found["Url"], "Tags": found["Tags"],
                              "Clients": sorted(found["ClientIDList"]),
                              "Thumbprints": sorted(found["ThumbprintList"])}

        return Subject(f"aws:oidc-provider/{ACCOUNT}/token.ci.example.com%2Facme", look)

    def saml_provider(self):
        iam = self.client("iam")
        made = iam.create_saml_provider(Name="people", SAMLMetadataDocument=METADATA)[
            "SAMLProviderArn"]
        return Subject(f"aws:saml-provider/{ACCOUNT}/people", lambda: or_none(
            iam, lambda: iam.get_saml_provider(SAMLProviderArn=made)["SAMLMetadataDocument"]))

    def trust_anchor(self):
        anywhere = self.client("rolesanywhere")
        made, other = (anywhere.create_trust_anchor(name=name, enabled=True, source={
            "sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": name}})[
                "trustAnchor"]["trustAnchorId"] for name in ("rogue", "own"))

        def look():
            return {name: anywhere.get_trust_anchor(trustAnchorId=each)["trustAnchor"]["enabled"]
                    for name, each in (("enabled", made), ("other", other))}

        return Subject(f"aws:rolesanywhere-trust-anchor/{ACCOUNT}/{REGION}/{made}", look,
                       lambda: anywhere.enable_trust_anchor(trustAnchorId=made))

    def organization(self):
        """Its root, and the account of a member; made once."""
        if not hasattr(self, "_organization"):
            organizations = self.client("organizations")
            organizations.create_organization(FeatureSet="ALL")
            root = organizations.list_roots()["Roots"][0]["Id"]
            organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
            member = organizations.create_account(Email="m@example.com", AccountName="member")[
                "CreateAccountStatus"]["AccountId"]
            self._organization = (root, member)
        return self._organization

    def bound_by(self, target, named=""):
        """The texts of the service control policies of a target that are not AWS's."""
        organizations = self.client("organizations")
        return [json.loads(organizations.describe_policy(PolicyId=each["Id"])["Policy"]["Content"])
                for each in organizations.list_policies_for_target(
                    TargetId=target, Filter="SERVICE_CONTROL_POLICY")["Policies"]
                if each["Name"] != "FullAWSAccess" and named in each["Name"]]

    def another_member(self, name):
        self.organization()
        return self.client("organizations").create_account(
            Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]["AccountId"]

    def member(self):
        _, member = self.organization()
        return Subject(f"aws:account/{member}", lambda: self.bound_by(member), given=MANAGED)

    def root(self):
        root, _ = self.organization()
        return Subject(f"aws:organization-root/{root}", lambda: self.bound_by(root, "protect"),
                       given=MANAGED)

    def moved(self):
        root, _ = self.organization()
        organizations, member = self.client("organizations"), self.another_member("moved")
        unit = organizations.create_organizational_unit(
            ParentId=root, Name="quarantine")["OrganizationalUnit"]["Id"]
        policy = organizations.create_policy(
            Name="nothing", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(
                statement(Effect="Deny", Action="*", Resource="*")))["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=policy, TargetId=unit)

        def open_again():
            organizations.move_account(AccountId=member, SourceParentId=unit,
                                       DestinationParentId=root)

        return Subject(
            f"aws:account/{member}",
            lambda: organizations.list_parents(ChildId=member)["Parents"][0]["Id"] == unit,
            open_again, given={**MANAGED, "quarantine_unit": unit})

    def in_member(self, kind):
        """A role or a user of another account, and what binds that account."""
        organizations, member = self.client("organizations"), self.another_member(kind)
        iam = self.client_in(member, "iam")
        if kind == "role":
            iam.create_role(RoleName="deploy", Path="/ci/", AssumeRolePolicyDocument="{}")
        else:
            iam.create_user(UserName="deploy", Path="/ci/")

        def open_again():
            for each in organizations.list_policies_for_target(
                    TargetId=member, Filter="SERVICE_CONTROL_POLICY")["Policies"]:
                if each["Name"] != "FullAWSAccess":
                    organizations.detach_policy(PolicyId=each["Id"], TargetId=member)

        return Subject(f"aws:{kind}/{member}/deploy", lambda: self.bound_by(member), open_again,
                       given=MANAGED)

    def person(self):
        """Of Identity Center: its instance, identity store and user; each a new user."""
        [instance] = self.client("sso-admin").list_instances()["Instances"]
        store = instance["IdentityStoreId"]
        people = self.client("identitystore")
        name = f"erin{len(people.list_users(IdentityStoreId=store)['Users'])}"
        return instance["InstanceArn"], store, people.create_user(
            IdentityStoreId=store, UserName=name, DisplayName=name,
            Name={"GivenName": name, "FamilyName": "Example"})["UserId"]

    def denied_person(self):
        root, _ = self.organization()
        _, store, user = self.person()
        return Subject(f"aws:identity-center-user/{store}/{user}",
                       lambda: self.bound_by(root, "workforce"), given=MANAGED)

    def permission_set(self, name, policy=None):
        sso = self.client("sso-admin")
        [instance] = sso.list_instances()["Instances"]
        made = sso.create_permission_set(Name=name, InstanceArn=instance["InstanceArn"])[
            "PermissionSet"]["PermissionSetArn"]
        of = {"InstanceArn": instance["InstanceArn"], "PermissionSetArn": made}
        if policy:
            sso.put_inline_policy_to_permission_set(InlinePolicy=json.dumps(policy), **of)
        sso.provision_permission_set(TargetType="ALL_PROVISIONED_ACCOUNTS", **of)
        return of

    def assigned(self, person=None):
        sso, (instance, store, user) = self.client("sso-admin"), person or self.person()
        sets = [self.permission_set(name)["PermissionSetArn"] for name in ("admin", "read")]
        whole = [(account, each) for account in (ACCOUNT, FOREIGN) for each in sets]

        def assign(account, permission_set):
            sso.create_account_assignment(
                InstanceArn=instance, TargetId=account, TargetType="AWS_ACCOUNT",
                PermissionSetArn=permission_set, PrincipalType="USER", PrincipalId=user)

        for each in whole:
            assign(*each)

        def look():
            found = sso.list_account_assignments_for_principal(
                InstanceArn=instance, PrincipalId=user, PrincipalType="USER")["AccountAssignments"]
            return sorted((each["AccountId"], each["PermissionSetArn"]) for each in found)

        return Subject(f"aws:identity-center-user/{store}/{user}", look,
                       lambda: assign(*whole[0]), given=WORKFORCE)

    def grouped(self, person=None):
        people, (_, store, user) = self.client("identitystore"), person or self.person()
        for name in ("admins", "readers"):
            group = people.create_group(IdentityStoreId=store, DisplayName=name)["GroupId"]
            people.create_group_membership(IdentityStoreId=store, GroupId=group,
                                           MemberId={"UserId": user})

        def look():
            found = people.list_group_memberships_for_member(
                IdentityStoreId=store, MemberId={"UserId": user})["GroupMemberships"]
            return sorted(each["GroupId"] for each in found)

        return Subject(f"aws:identity-center-user/{store}/{user}", look, given=WORKFORCE)

    def signed_in(self, name, policy=None):
        """The inline policy of a permission set."""
        sso, of = self.client("sso-admin"), self.permission_set(name, policy)

        def look():
            text = sso.get_inline_policy_for_permission_set(**of)["InlinePolicy"]
            return json.loads(text) if text else None

        return Subject(of["PermissionSetArn"], look, given=WORKFORCE)

    def role_of_instance(self):
        """Of the credentials that an instance hands out."""
        iam, ec2 = self.client("iam"), self.client("ec2")
        self.trusting("on-host")
        arn = iam.create_instance_profile(InstanceProfileName="on-host")["InstanceProfile"]["Arn"]
        iam.add_role_to_instance_profile(InstanceProfileName="on-host", RoleName="on-host")
        made, interface = self.run_instance(IamInstanceProfile={"Arn": arn})
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
        ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=ec2.allocate_address(
            Domain="vpc")["AllocationId"])

        def look():
            return {each: iam.get_role_policy(RoleName="on-host", PolicyName=each)["PolicyDocument"]
                    for each in iam.list_role_policies(RoleName="on-host")["PolicyNames"]}

        def open_again():
            for each in look().keys() - {"read"}:
                iam.delete_role_policy(RoleName="on-host", PolicyName=each)

        return Subject(f"aws:instance/{ACCOUNT}/{made}", look, open_again)


class Resources:
    def task(self, network="awsvpc", **options):
        """A task that runs, the last part of its ARN."""
        ecs, name = self.client("ecs"), f"web-{network}-{uuid.uuid4()}"
        # Moto fails without it.
        self.client("ec2").modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        ecs.create_cluster(clusterName=name)
        ecs.register_task_definition(family=name, networkMode=network, containerDefinitions=[
            {"name": "web", "image": "nginx", "memory": 64, "command": ["serve"],
             "environment": [{"name": "TOKEN", "value": "hidden-in-a-variable"}]}])
        of_network = {"networkConfiguration": {"awsvpcConfiguration": {
            "subnets": [self.subnet], "securityGroups": [self.client("ec2").create_security_group(
                GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]]}}}
        arn = ecs.run_task(cluster=name, taskDefinition=name, launchType="FARGATE",
                           **options, **(of_network if network == "awsvpc" else {}))["tasks"][0]["taskArn"]
        return name, arn.rpartition("/")[2]

    def running_task(self):
        ecs, (cluster, made) = self.client("ecs"), self.task("bridge")
        return Subject(f"aws:ecs-task/{ACCOUNT}/{REGION}/{cluster}/{made}",
                       lambda: ecs.describe_tasks(cluster=cluster, tasks=[made])["tasks"][0][
                           "desiredStatus"], secret="hidden-in-a-variable")

    def networked_task(self, **options):
        """The groups of its interface; "closed" is one without a rule."""
        ecs, ec2, (cluster, made) = self.client("ecs"), self.client("ec2"), self.task(**options)
        [interface] = [each["value"] for each in ecs.describe_tasks(
            cluster=cluster, tasks=[made])["tasks"][0]["attachments"][0]["details"]
            if each["name"] == "networkInterfaceId"]

        def look():
            closed = {each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]
                      if not each["IpPermissions"] and not each["IpPermissionsEgress"]}
            return ["closed" if each["GroupId"] in closed else each["GroupId"]
                    for each in ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])[
                        "NetworkInterfaces"][0]["Groups"]]

        return Subject(f"aws:ecs-task/{ACCOUNT}/{REGION}/{cluster}/{made}", look)

    def task_of_service(self):
        ecs, (cluster, made) = self.client("ecs"), self.task("bridge", group="service:web")
        return Subject(f"aws:ecs-task/{ACCOUNT}/{REGION}/{cluster}/{made}",
                       lambda: ecs.get_task_protection(cluster=cluster, tasks=[made])[
                           "protectedTasks"][0]["protectionEnabled"])

    def access_entry(self):
        """Of a role that administers a cluster, beside another's."""
        eks = self.client("eks")
        eks.create_cluster(name="entered", roleArn=self.role,
                           resourcesVpcConfig={"subnetIds": [self.subnet]})
        of, other = ({"clusterName": "entered", "principalArn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
                     for name in ("app/let-in", "app/let-in-long-ago"))
        for each in (of, other):
            eks.create_access_entry(kubernetesGroups=["readers"], tags={"team": "web"}, **each)
        for policy, scope in (("AmazonEKSClusterAdminPolicy", {"type": "cluster"}),
                              ("AmazonEKSViewPolicy", {"type": "namespace",
                                                       "namespaces": ["web"]})):
            eks.associate_access_policy(
                policyArn="arn:aws:eks::aws:cluster-access-policy/" + policy, accessScope=scope, **of)

        def look():
            principals = eks.list_access_entries(clusterName="entered")["accessEntries"]
            assert other["principalArn"] in principals, "another's is gone"
            if of["principalArn"] not in principals:
                return None
            entry = eks.describe_access_entry(**of)["accessEntry"]
            return {**{name: entry[name] for name in ("kubernetesGroups", "username", "type", "tags")},
                    "policies": sorted(
                        (each["policyArn"], json.dumps(each["accessScope"], sort_keys=True))
                        for each in eks.list_associated_access_policies(**of)[
                            "associatedAccessPolicies"])}

        return Subject(f"aws:eks-access-entry/{ACCOUNT}/{REGION}/entered/"
                       f"role%2F{ACCOUNT}%2Flet-in", look)

    def vault(self, name, policy=None):
        backup = self.client("backup")
        backup.create_backup_vault(BackupVaultName=name)
        if policy:
            backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=json.dumps(policy))

        def look():
            try:
                return json.loads(backup.get_backup_vault_access_policy(
                    BackupVaultName=name)["Policy"])
            except backup.exceptions.ResourceNotFoundException:
                return None

        return Subject(f"aws:backup-backup-vault/{ACCOUNT}/{REGION}/{name}", look)

    def cluster(self):
        eks = self.client("eks")
        eks.create_cluster(name="prod", roleArn=self.role, resourcesVpcConfig={
            "subnetIds": [self.subnet], "endpointPublicAccess": True, "endpointPrivateAccess": False,
            "publicAccessCidrs": ["203.0.113.0/24"]})

        def look():
            found = eks.describe_cluster(name="prod")["cluster"]["resourcesVpcConfig"]
            return {name: found.get(name) for name in ("endpointPublicAccess",
                                                       "endpointPrivateAccess", "publicAccessCidrs")}

        return Subject(f"aws:eks-cluster/{ACCOUNT}/{REGION}/prod", look)

    def group(self):
        autoscaling, name = self.client("autoscaling"), "fleet"
        self.client("ec2").create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData={"ImageId": self.ami,
                                                         "InstanceType": "t3.micro"})
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, DesiredCapacity=0,
            VPCZoneIdentifier=self.subnet, LaunchTemplate={"LaunchTemplateName": name})
        autoscaling.suspend_processes(AutoScalingGroupName=name,
                                      ScalingProcesses=["AZRebalance"])

        def found():
            return autoscaling.describe_auto_scaling_groups(
                AutoScalingGroupNames=[name])["AutoScalingGroups"][0]

        in_arn = found()["AutoScalingGroupARN"].partition(":autoScalingGroup:")[2]
        return Subject(
            f"aws:autoscaling-autoscalinggroup/{ACCOUNT}/{REGION}/{in_arn.replace('/', '%2F')}",
            lambda: sorted(each["ProcessName"] for each in found()["SuspendedProcesses"]))

    def security_group(self):
        ec2 = self.client("ec2")
        made = ec2.create_security_group(GroupName="open", Description="open",
                                         VpcId=self.vpc)["GroupId"]
        everybody = {"CidrIp": "0.0.0.0/0", "Description": "for now"}
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [everybody]}
            for port in (22, 443)] + [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
             "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}])

        def look():
            rules = ec2.describe_security_group_rules(
                Filters=[{"Name": "group-id", "Values": [made]}])["SecurityGroupRules"]
            return sorted((each["IpProtocol"], each.get("FromPort"),
                           each.get("CidrIpv4") or each["CidrIpv6"], each.get("Description", ""))
                          for each in rules if not each["IsEgress"])

        def open_again():  # as it was, so that it is another rule with another id
            ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [everybody]}])

        return Subject(f"aws:security-group/{made}", look, open_again)

    def lockable(self, name, mode=None):
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True,
                         CreateBucketConfiguration={"LocationConstraint": REGION})
        if mode:
            s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": mode, "Days": 1}}})

        def look():
            found = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
            kept = found.get("Rule", {}).get("DefaultRetention", {})
            return {each: kept.get(each) for each in ("Mode", "Days")}

        return Subject(f"aws:bucket/{name}", look)

    def secret(self, name, policy=None):
        secrets = self.client("secretsmanager")
        secrets.create_secret(Name=name, SecretString="before")
        if policy:
            secrets.put_resource_policy(SecretId=name, ResourcePolicy=json.dumps(policy))
        return Subject(
            f"aws:secret/{ACCOUNT}/{REGION}/{name.replace('/', '%2F')}",
            lambda: json.loads(secrets.get_resource_policy(SecretId=name).get("ResourcePolicy")
                               or "null"))

    def rotated(self, name, owner="", **function):
        """A secret that rotates, by a function or by the service that owns it: what its versions hold."""
        secrets = self.client("secretsmanager")
        secrets.create_secret(Name=name, SecretString="before-it-was-stolen", Tags=[
            {"Key": "aws:secretsmanager:owningService", "Value": owner}] if owner else [])
        secrets.rotate_secret(SecretId=name, RotateImmediately=False,
                              RotationRules={"AutomaticallyAfterDays": 30}, **function)

        def look():
            versions = secrets.list_secret_version_ids(SecretId=name)["Versions"]
            return {stage: secrets.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"]
                    for each in versions for stage in each["VersionStages"]}

        return Subject(f"aws:secret/{ACCOUNT}/{REGION}/{name.replace('/', '%2F')}", look,
                       secret="before-it-was-stolen")

    def repository(self):
        ecr = self.client("ecr")
        ecr.create_repository(repositoryName="acme/web")
        ecr.set_repository_policy(repositoryName="acme/web", policyText=json.dumps(
            statement(Sid="pull", Effect="Allow", Principal="*", Action="ecr:BatchGetImage")))
        return Subject(f"aws:ecr-repository/{ACCOUNT}/{REGION}/acme%2Fweb", lambda: json.loads(
            ecr.get_repository_policy(repositoryName="acme/web")["policyText"]))

    def queue(self, name, policy=None):
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)}
                               if policy else {})["QueueUrl"]

        def look():
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
            return json.loads(found.get("Attributes", {}).get("Policy") or "null")

        return Subject(f"aws:sqs/{ACCOUNT}/{REGION}/{name}", look)

    def topic(self):
        sns = self.client("sns")
        arn = sns.create_topic(Name="alerts")["TopicArn"]
        return Subject(f"aws:sns/{ACCOUNT}/{REGION}/alerts", lambda: json.loads(
            sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]))

    def commanded(self):
        """The commands that SSM ran on an instance."""
        ssm = self.client("ssm")
        made, _ = self.run_instance()
        return Subject(f"aws:instance/{ACCOUNT}/{made}", lambda: [
            each["DocumentName"] for each in ssm.list_commands(InstanceId=made)["Commands"]])

    def sending(self):
        email = self.client("sesv2")
        return Subject(f"aws:account/{ACCOUNT}", lambda: email.get_account()["SendingEnabled"],
                       lambda: email.put_account_sending_attributes(SendingEnabled=True))

    def recorder(self):
        config = self.client("config")
        self.client("s3").create_bucket(
            Bucket="acme-config", CreateBucketConfiguration={"LocationConstraint": REGION})
        config.put_configuration_recorder(ConfigurationRecorder={
            "name": "recorder", "roleARN": self.role, "recordingGroup": {"allSupported": True}})
        config.put_delivery_channel(DeliveryChannel={"name": "channel",
                                                     "s3BucketName": "acme-config"})
        return Subject(f"aws:account/{ACCOUNT}",
                       lambda: config.describe_configuration_recorder_status()[
                           "ConfigurationRecordersStatus"][0]["recording"])

    def detector(self):
        guardduty = self.client("guardduty")
        made = guardduty.create_detector(Enable=False)["DetectorId"]
        return Subject(f"aws:guardduty-detector/{ACCOUNT}/{REGION}/{made}",
                       lambda: guardduty.get_detector(DetectorId=made)["Status"])


def says(policy, sid, beside=0):
    """Whether a policy denies in one such statement, and has so many others."""
    statements = policy["Statement"] if policy else []
    statements = statements if isinstance(statements, list) else [statements]
    return ([each["Effect"] for each in statements if each.get("Sid") == sid] == ["Deny"]
            and len(statements) == 1 + beside)


def only_denies(policies, sid):
    return len(policies) == 1 and says(policies[0], sid)
