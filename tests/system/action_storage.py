"""What the cases of action_test.py begin with that are about what a bucket holds, and who may see it."""
import datetime
import json
import time

from action_subjects import Subject, statement
from moto_world import REGION

GROUPS = "http://acs.amazonaws.com/groups/"
GRANTED = sorted([(GROUPS + "global/AllUsers", "READ"), (GROUPS + "s3/LogDelivery", "WRITE"),
                  (GROUPS + "global/AuthenticatedUsers", "WRITE")])


class Storage:
    def destroyed(self):
        """A bucket that was attacked, and is closed since; one prefix of it is meant."""
        s3, name = self.client("s3"), "acme-destroyed"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        for key in ("kept", "dir/deleted", "dir/over", "dir/overwritten now", "dir/gone before",
                    "rest/overwritten"):
            s3.put_object(Bucket=name, Key=key, Body=b"0")
            s3.put_object(Bucket=name, Key=key, Body=b"1")
        s3.delete_object(Bucket=name, Key="dir/gone before")
        before = moment()
        s3.delete_object(Bucket=name, Key="dir/deleted")
        for key in ("dir/overwritten now", "dir/over", "rest/overwritten"):
            s3.put_object(Bucket=name, Key=key, Body=b"x")
        s3.delete_object(Bucket=name, Key="dir/over")
        s3.put_object(Bucket=name, Key="dir/note", Body=b"pay")
        closed = moment()
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(statement(
            Sid="StanchDenyChanges", Effect="Deny", Principal="*", Action="s3:DeleteBucket",
            Resource=f"arn:aws:s3:::{name}")))

        def look():
            listed = s3.list_objects_v2(Bucket=name).get("Contents", [])
            return {each["Key"]: s3.get_object(Bucket=name, Key=each["Key"])["Body"].read().decode()
                    for each in listed}

        return Subject(f"aws:bucket/{name}", look,
                       given={"before": before, "closed": closed, "prefix": "dir/"})

    def public_acl(self):
        s3, name = self.client("s3"), "acme-granted"
        s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter",
                         CreateBucketConfiguration={"LocationConstraint": REGION})
        owner = s3.get_bucket_acl(Bucket=name)["Owner"]
        s3.put_bucket_acl(Bucket=name, AccessControlPolicy={"Owner": owner, "Grants": [
            {"Grantee": {"Type": "Group", "URI": of}, "Permission": what} for of, what in GRANTED]})

        def look():
            return sorted((each["Grantee"]["URI"], each["Permission"])
                          for each in s3.get_bucket_acl(Bucket=name)["Grants"])

        return Subject(f"aws:bucket/{name}", look)


def moment():
    """Between two seconds of anything that is done."""
    time.sleep(1.1)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1.1)
    return now
