"""An AWS for tests of response: moto, and before it a proxy that records, counts and fails.

    with moto_world.World() as world:
        scene = world.build_scene()
        fault = world.proxy.inject("iam.UpdateAccessKey", "reset", after=True)
        run(program, env={**os.environ, **world.environment()})
        assert world.proxy.write_count("iam.UpdateAccessKey", scene.attacker_key) == 1
        assert not world.proxy.unfired()

README.md says where moto is not as AWS is.
"""
import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import tempfile

import boto3
import botocore.config

from aws_request import Credential, GLOBAL
from recording_proxy import RecordingProxy

ACCOUNT = "123456789012"  # moto's, unless a role of another one is assumed
REGION = "eu-west-1"


class World:
    """Both end with the block, and moto also with this process, however that ends."""

    def __init__(self):
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._moto_said = stack.enter_context(tempfile.TemporaryFile("w+"))
            self.moto_port = self._start_moto(stack)
            self.responder = self._add_responder()
            self.proxy = RecordingProxy(self.moto_port, [self.responder])
            stack.callback(self.proxy.stop)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start_moto(self, stack):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("AWS_", "MOTO_")) and "proxy" not in name.lower()}
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "moto_process.py")
        self.moto = subprocess.Popen([sys.executable, script], env=environment,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=self._moto_said)
        stack.callback(self._stop_moto)
        line = self.moto.stdout.readline()
        if not line:
            raise RuntimeError("moto did not start:\n" + self.moto_said())
        return int(line)

    def _stop_moto(self):
        self.moto.stdin.close()
        try:
            self.moto.wait(5)
        except subprocess.TimeoutExpired:
            self.moto.kill()
            self.moto.wait()
        self.moto.stdout.close()

    def keep(self):
        """What moto has by now is what back() goes back to from now on."""
        self._tell_moto("keep")

    def back(self):
        """Moto is as it was at keep(), and the proxy has seen nothing since."""
        self._tell_moto("back")
        self.proxy.forget()

    def _tell_moto(self, word):
        self.moto.stdin.write(word.encode() + b"\n")
        self.moto.stdin.flush()
        if not self.moto.stdout.readline():
            raise RuntimeError("moto has ended:\n" + self.moto_said())

    def moto_said(self):
        """A line for each request, and a traceback for what it could not do."""
        self._moto_said.seek(0)
        return self._moto_said.read()

    def _add_responder(self):
        iam = self.direct("iam")
        iam.create_user(UserName="stanch-responder")
        key = iam.create_access_key(UserName="stanch-responder")["AccessKey"]
        return Credential(key["AccessKeyId"], key["SecretAccessKey"], ACCOUNT)

    def environment(self, credential=None, region=REGION):
        """Variables that lead a client of AWS here; without a credential, the responder's."""
        of = credential or self.responder
        found = {
            "AWS_ENDPOINT_URL": self.proxy.url, "AWS_ACCESS_KEY_ID": of.access_key_id,
            "AWS_SECRET_ACCESS_KEY": of.secret, "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region, "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
        }
        if of.session_token:
            found["AWS_SESSION_TOKEN"] = of.session_token
        return found

    def direct(self, service, region=REGION, account=ACCOUNT):
        """A client that the proxy does not see: to build with, and to look with."""
        of = Credential("AKIDIRECT", "direct", ACCOUNT)
        if account != ACCOUNT:
            made = self.direct("sts").assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/direct", RoleSessionName="direct")
            made = made["Credentials"]
            of = Credential(made["AccessKeyId"], made["SecretAccessKey"], account,
                            made["SessionToken"])
        return _client(service, region, of, f"http://127.0.0.1:{self.moto_port}")

    def direct_in(self, account, service, region=REGION):
        """The same in another account."""
        made = self.direct("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/builder",
                                              RoleSessionName="builder")["Credentials"]
        of = Credential(made["AccessKeyId"], made["SecretAccessKey"], account, made["SessionToken"])
        return _client(service, region, of, f"http://127.0.0.1:{self.moto_port}")

    def client(self, service, region=REGION, credential=None, **options):
        """A client that goes through the proxy, and asks once; `options` are botocore's."""
        # At an endpoint of one's own botocore would sign for the region it was given.
        return _client(service, GLOBAL.get(service, region), credential or self.responder,
                       self.proxy.url, **options)

    def build_scene(self, name="acme"):
        return build_scene(self, name)


def _client(service, region, of, url, **options):
    session = boto3.Session(of.access_key_id, of.secret, of.session_token or None, region)
    config = botocore.config.Config(proxies={}, retries={"total_max_attempts": 1}, **options)
    return session.client(service, endpoint_url=url, config=config)


@dataclasses.dataclass(frozen=True)
class Scene:
    """What there is to respond to, by names and ids."""
    account: str
    region: str
    user: str
    user_key: str        # the user's own, active
    attacker_key: str    # the second one, active
    role: str
    role_trust: dict
    role_policy: str     # an inline policy of others
    vpc: str
    subnet: str
    instance: str
    interfaces: dict     # network interface: its security groups
    volumes: list        # of the instance, sorted
    group: str           # Auto Scaling, of the instance and of:
    group_neighbour: str
    bucket: str          # public by policy, nothing blocked
    trail: str
    trail_arn: str       # stopped


def build_scene(world, name):
    """May be called again with another name."""
    return Scene(account=ACCOUNT, region=REGION, **_identities(world.direct("iam"), name),
                 **_instance(world.direct("ec2"), world.direct("autoscaling"), name),
                 **_storage(world.direct("s3"), world.direct("cloudtrail"), name))


def _policy(effect="Allow", **statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, **statement}]})


def _identities(iam, name):
    user, role = f"{name}-deploy", f"{name}-app"
    iam.create_user(UserName=user)
    keys = [iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"] for _ in range(2)]
    trust = _policy(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
    iam.create_role(RoleName=role, Path="/app/", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=role, PolicyName="read-config",
                        PolicyDocument=_policy(Action="s3:GetObject", Resource="*"))
    return {"user": user, "user_key": keys[0], "attacker_key": keys[1], "role": role,
            "role_trust": json.loads(trust), "role_policy": "read-config"}


def _instance(ec2, autoscaling, name):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24",
                               AvailabilityZone=REGION + "a")["Subnet"]["SubnetId"]
    groups = [ec2.create_security_group(GroupName=f"{name}-{part}", Description=part,
                                        VpcId=vpc)["GroupId"] for part in ("web", "database")]
    image = ec2.describe_images(Owners=["amazon"], Filters=[
        {"Name": "root-device-type", "Values": ["ebs"]}])["Images"][0]["ImageId"]
    made = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
        NetworkInterfaces=[{"DeviceIndex": index, "SubnetId": subnet, "Groups": [group]}
                           for index, group in enumerate(groups)],
        BlockDeviceMappings=[{"DeviceName": device, "Ebs": {"VolumeSize": 8}}
                             for device in ("/dev/sda1", "/dev/sdb")])["Instances"][0]
    group = f"{name}-fleet"
    ec2.create_launch_template(LaunchTemplateName=f"{name}-fleet", LaunchTemplateData={
        "ImageId": image, "InstanceType": "t3.micro"})
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=group, MinSize=1, MaxSize=4, DesiredCapacity=1,
        VPCZoneIdentifier=subnet, LaunchTemplate={"LaunchTemplateName": f"{name}-fleet"})
    [neighbour] = autoscaling.describe_auto_scaling_groups(
        AutoScalingGroupNames=[group])["AutoScalingGroups"][0]["Instances"]
    autoscaling.attach_instances(AutoScalingGroupName=group, InstanceIds=[made["InstanceId"]])
    return {
        "vpc": vpc, "subnet": subnet, "instance": made["InstanceId"],
        "interfaces": {each["NetworkInterfaceId"]: sorted(of["GroupId"] for of in each["Groups"])
                       for each in made["NetworkInterfaces"]},
        "volumes": sorted(each["Ebs"]["VolumeId"] for each in made["BlockDeviceMappings"]),
        "group": group, "group_neighbour": neighbour["InstanceId"],
    }


def _storage(s3, cloudtrail, name):
    bucket, trail = f"{name}-reports", f"{name}-trail"
    for each in (bucket, trail):
        s3.create_bucket(Bucket=each, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_policy(Bucket=bucket, Policy=_policy(
        Principal="*", Action="s3:GetObject", Resource=f"arn:aws:s3:::{bucket}/*"))
    arn = cloudtrail.create_trail(Name=trail, S3BucketName=trail,
                                  IsMultiRegionTrail=True)["TrailARN"]
    cloudtrail.start_logging(Name=arn)
    cloudtrail.stop_logging(Name=arn)
    return {"bucket": bucket, "trail": trail, "trail_arn": arn}
