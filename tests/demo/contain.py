#!/usr/bin/env python3
"""The last act of the demonstration: the ransom of tests/demo is contained, on moto, which stands
in for AWS. The account gets what the recording names: the user with its key, the stopped trail.

usage: contain.py STANCH STATE VENV
"""
import json
import os
import subprocess
import sys
import time

STANCH, STATE, VENV = sys.argv[1:]
if os.path.realpath(sys.prefix) != os.path.realpath(VENV):
    PYTHON = os.path.join(VENV, "bin", "python")
    if not os.path.exists(PYTHON):
        sys.exit("there is no moto in build/venv; './dev setup' puts it there")
    os.execv(PYTHON, [PYTHON] + sys.argv)

import logging

import boto3
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)

ACCOUNT, REGION = "444455556666", "eu-west-1"
ROLES = "stanch"
PATIENCE = 5  # until a command is said to have hung, in minutes


def victim(endpoint):
    """Clients that act in the account that was attacked."""
    anybody = {"aws_access_key_id": "AKIAHUB", "aws_secret_access_key": "hub", "region_name": REGION}
    sts = boto3.client("sts", endpoint_url=endpoint, **anybody)
    session = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/setup", RoleSessionName="setup")
    keys = session["Credentials"]

    def client(service):
        return boto3.client(service, endpoint_url=endpoint, region_name=REGION,
                            aws_access_key_id=keys["AccessKeyId"],
                            aws_secret_access_key=keys["SecretAccessKey"],
                            aws_session_token=keys["SessionToken"])

    return client


BUCKET, KMS_KEY = "acme-ledger-prod-data", "53da2219-b1e6-48a4-8f68-e41424a662e6"


def seed(client, user, key, trail):
    iam, s3, cloudtrail = client("iam"), client("s3"), client("cloudtrail")
    for duty in ("read", "evidence", "respond"):
        iam.create_role(RoleName=f"{ROLES}-{duty}", AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                    "Principal": {"AWS": "*"}}]}))
    iam.create_user(UserName=user)
    made = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    # moto draws key ids itself; the recording's has to be there.
    from moto.iam.models import iam_backends
    backend = iam_backends[ACCOUNT]["aws"]
    for each in backend.users.values():
        for access_key in each.access_keys:
            if access_key.access_key_id == made:
                access_key.access_key_id = key
                backend.access_keys[key] = backend.access_keys.pop(made)
    s3.create_bucket(Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    cloudtrail.create_trail(Name=trail, S3BucketName="trail-logs")
    # What was ransomed: soon to expire, and its key about to be deleted.
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [
        {"ID": "ransom", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]})
    kms = client("kms")
    made = kms.create_key()["KeyMetadata"]["KeyId"]
    from moto.kms.models import kms_backends
    keys = kms_backends[ACCOUNT][REGION].keys
    kms_key = keys[KMS_KEY] = keys.pop(made)
    kms_key.id, kms_key.arn = KMS_KEY, kms_key.arn.replace(made, KMS_KEY)
    kms.schedule_key_deletion(KeyId=KMS_KEY, PendingWindowInDays=7)


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    environment = dict(os.environ, AWS_ENDPOINT_URL=endpoint, AWS_ACCESS_KEY_ID="AKIAHUB",
                       AWS_SECRET_ACCESS_KEY="hub", AWS_REGION=REGION)
    environment.pop("AWS_SESSION_TOKEN", None)
    environment.pop("AWS_PROFILE", None)

    def stanch(*arguments, shown=True):
        if shown:
            print(f"\n  $ stanch {' '.join(arguments)}", flush=True)
        done = subprocess.run([STANCH, *arguments, "--state", STATE], env=environment, text=True,
                              stdout=None if shown else subprocess.PIPE, timeout=PATIENCE * 60)
        if done.returncode != 0:
            sys.exit(f"stanch {arguments[0]} ended with {done.returncode}")
        return done.stdout

    incidents = json.loads(stanch("incident", "list", "--json", shown=False))["incidents"]
    worst = next(each["incident"] for each in incidents if each["title"].startswith("CloudTrail trail"))
    client = victim(endpoint)
    seed(client, "backup-sync", "AKIAK3LU5EFANWKKC5IV", "ledger-objects")
    short = worst[:14]
    stanch("plan", short, "--roles", ROLES)
    stanch("approve", short)
    began = time.monotonic()
    stanch("apply", short, "--quiet", "--roles", ROLES)
    took = time.monotonic() - began
    stanch("undo", short, "--step", "3", "--roles", ROLES)
    keys = client("iam").list_access_keys(UserName="backup-sync")["AccessKeyMetadata"]
    policies = client("iam").list_user_policies(UserName="backup-sync")["PolicyNames"]
    trail = client("cloudtrail").get_trail_status(Name="ledger-objects")["IsLogging"]
    print(f"\nWhat AWS (moto) says: key {keys[0]['Status']}, user policies {', '.join(policies)}, "
          f"trail records: {trail}")
    print(f"From 'apply' to contained and verified: {took * 1000:.0f} ms, the program's start included.")
    server.stop()
    if keys[0]["Status"] != "Inactive" or len(policies) != 1 or not trail:
        sys.exit("it is not contained")


main()
