"""What the cases of action_test.py about networks begin with: lists that filter, load balancers, logs."""
from action_subjects import FOREIGN, Subject
from moto_world import ACCOUNT, REGION


class Networks:
    def network_acl(self, cidr):
        """One that allows all, beneath a rule of others that denies."""
        ec2 = self.client("ec2")
        made = ec2.create_network_acl(VpcId=self.vpc)["NetworkAcl"]["NetworkAclId"]
        for egress in (False, True):
            for number, action, of in ((3, "deny", "198.51.100.0/24"), (90, "allow", "0.0.0.0/0")):
                ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=number, Protocol="-1",
                                             RuleAction=action, Egress=egress, CidrBlock=of)

        def look():
            entries = ec2.describe_network_acls(NetworkAclIds=[made])["NetworkAcls"][0]["Entries"]
            return sorted((each["Egress"], each["RuleNumber"], each["RuleAction"], each["Protocol"],
                           each.get("CidrBlock") or each["Ipv6CidrBlock"]) for each in entries)

        def open_again():
            for egress, number, _, _, of in look():
                if of == cidr and egress:
                    ec2.delete_network_acl_entry(NetworkAclId=made, RuleNumber=number,
                                                 Egress=egress)

        return Subject(f"aws:network-acl/{made}", look, open_again, {"cidr": cidr})

    def balanced(self):
        """An instance in two target groups by its id, and in a third by its address."""
        ec2, balancing = self.client("ec2"), self.client("elbv2")
        made, interface = self.run_instance()
        address = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])[
            "NetworkInterfaces"][0]["PrivateIpAddress"]
        other, _ = self.run_instance()
        groups = []
        for name, kind, targets in (("one", "instance", [(made, 80), (other, 80)]),
                                    ("two", "instance", [(made, 8080)]),
                                    ("three", "ip", [(address, 443)])):
            groups.append(balancing.create_target_group(
                Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType=kind)[
                    "TargetGroups"][0]["TargetGroupArn"])
            balancing.register_targets(TargetGroupArn=groups[-1], Targets=[
                {"Id": each, "Port": port} for each, port in targets])
        names = {made: "instance", other: "other", address: "address"}

        def look():
            return [sorted(f"{names[each['Target']['Id']]}:{each['Target']['Port']}"
                           for each in balancing.describe_target_health(TargetGroupArn=group)[
                               "TargetHealthDescriptions"]) for group in groups]

        return Subject(f"aws:instance/{ACCOUNT}/{made}", look)

    def evidence(self):
        """A snapshot, and the account that keeps copies."""
        ec2, keeper = self.client("ec2"), self.world.direct("ec2", account=FOREIGN)
        volume = ec2.create_volume(Size=1, AvailabilityZone=REGION + "a")["VolumeId"]
        made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]

        def look():
            shared = ec2.describe_snapshot_attribute(
                SnapshotId=made, Attribute="createVolumePermission")["CreateVolumePermissions"]
            copies = keeper.describe_snapshots(OwnerIds=["self"], Filters=[
                {"Name": "tag-key", "Values": ["stanch:incident"]}])["Snapshots"]
            return {"shared": [each["UserId"] for each in shared],
                    "copies": [(each["KmsKeyId"], made in each["Description"]) for each in copies]}

        return Subject(f"aws:snapshot/{made}", look,
                       given={"evidence_account": FOREIGN, "evidence_key": "alias/evidence"})

    def logged(self, name):
        """A network, and the bucket that its logs go to."""
        self.client("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        made = self.client("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        return made, {"network_logs": f"arn:aws:s3:::{name}"}

    def flows(self):
        made, given = self.logged("acme-flows")

        def look():
            found = self.client("ec2").describe_flow_logs(
                Filters=[{"Name": "resource-id", "Values": [made]}])["FlowLogs"]
            return [(each["LogDestination"], each["TrafficType"]) for each in found]

        return Subject(f"aws:vpc/{made}", look, given=given)

    def queries(self):
        resolver = self.client("route53resolver")
        made, given = self.logged("acme-queries")

        def look():
            configs = {each["Id"]: each["DestinationArn"]
                       for each in resolver.list_resolver_query_log_configs()[
                           "ResolverQueryLogConfigs"]}
            found = resolver.list_resolver_query_log_config_associations()[
                "ResolverQueryLogConfigAssociations"]
            return [configs[each["ResolverQueryLogConfigId"]] for each in found
                    if (each["ResourceId"], each["Status"]) == (made, "ACTIVE")]

        def open_again():
            [each] = [each for each in resolver.list_resolver_query_log_config_associations()[
                "ResolverQueryLogConfigAssociations"] if each["ResourceId"] == made]
            resolver.disassociate_resolver_query_log_config(
                ResolverQueryLogConfigId=each["ResolverQueryLogConfigId"], ResourceId=made)

        return Subject(f"aws:vpc/{made}", look, open_again, given)


def denies_address(seen):
    """In both directions, before what allows; what others wrote stays."""
    ours = [each for each in seen if each[4] in ("203.0.113.7/32", "2001:db8::/64")]
    return ([each[0] for each in ours] == [False, True] and len(seen) == 6
            and all(each[1] < 90 and each[2:4] == ("deny", "-1") for each in ours))
