#include "codec/ssh_signature.h"

#include <gtest/gtest.h>

// Made with OpenSSH 9.2: ssh-keygen -Y sign -n stanch-approval; the keys are thrown away.

namespace stanch::codec {
namespace {

constexpr std::string_view kMessage = "stanch approves\n";
constexpr std::string_view kKey =
    "AAAAC3NzaC1lZDI1NTE5AAAAILolhsFOShIfNzkv65jUBuWwTRlByPIjPR/HvVtQsR7s";
const std::string kSigned =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAguiWGwU5KEh83OS/rmNQG5bBNGU\n"
    "HI8iM9H8e9W1CxHuwAAAAPc3RhbmNoLWFwcHJvdmFsAAAAAAAAAAZzaGE1MTIAAABTAAAA\n"
    "C3NzaC1lZDI1NTE5AAAAQInjyy3sMPqtb/EXIxs2np8gMmSoLObataxifSx+xcQXCiDxF5\n"
    "SsaiHTDCFEO5N9VtjDXlJhl7Y4WAOPq6oSJg8=\n"
    "-----END SSH SIGNATURE-----\n";
// -n other -O hashalg=sha256
const std::string kOther =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAguiWGwU5KEh83OS/rmNQG5bBNGU\n"
    "HI8iM9H8e9W1CxHuwAAAAFb3RoZXIAAAAAAAAABnNoYTI1NgAAAFMAAAALc3NoLWVkMjU1\n"
    "MTkAAABAqciEASoRNYXdmNgvhQ8stpGFcvvEyWpQHPRkdwD98IqAqJ2ez+7BNl8HuhiqAl\n"
    "7nRfHhDTqNTwJqM6w91mm5Cw==\n"
    "-----END SSH SIGNATURE-----\n";
const std::string kRsa =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAOOWDsYCfmtK4FeJNy7FS0\n"
    "fTUbsPCks12Mo/UaAtOqieeeicMGGUUyiiK8GzqGNu6OpHRPiRy/JzuNMYJv0zY5HScH42\n"
    "ZhpCnEhP964nTyXDyjPv1X9uHy6nl9hZ4Jgd/LdZOeZpP9B2CEnk9eHMDo1Dfme0F59MMx\n"
    "dpKAaWIFm99LI3PSi5WHtfaadk5Xh03I4HW/gRqJa8dfFcZiS7WaZC4S3VO8GtXsavyOXI\n"
    "N18hE99TYdcWOUZp8Tps8+Z/BFsLkoeZA97o9aoM+oHLw4NNL+58xDtlPBgVz12dRmeBj5\n"
    "iD85tgEQ06hhOtrQr3q1RJ0jynTxnSzchDPHPmr3sAAAAPc3RhbmNoLWFwcHJvdmFsAAAA\n"
    "AAAAAAZzaGE1MTIAAAEUAAAADHJzYS1zaGEyLTUxMgAAAQDXkXtkxGybk/Tk1UYPrDHqTx\n"
    "xsv8XwZFwVw3IfhmXtZ1cyRiq7Ym0fyaVQjut3ym31VMN9VmGs7KcYjFJ7vmOeR7LDnAlW\n"
    "Wn06+MsPrOn3UMo0ld5aisVh+kHKK07oPsPo9YlwOmV8sMD9nEH6QPglBGOrf9DlZTS9vF\n"
    "5IhC2oMlroCIDngZdm4u8XMq1kOqWzaf1HPxFC5n/v3Ae1trsKsjEwNo+SQKVa/2EvxolX\n"
    "HrsEyoNbj3RJmzpQGwBa2NEQpJGepUCyABeHn9VCn+5fBo+QugvuSeVFKLomSOUpaYW6aD\n"
    "bVXXeOuDYOKstyNSZIfVcZWiPduNFHmbhw8bXn\n"
    "-----END SSH SIGNATURE-----\n";

TEST(SshSignature, SaysWhoSigned) {
  const auto made = verify_ssh_signature(kSigned, "stanch-approval", kMessage);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->key_type, "ssh-ed25519");
  EXPECT_EQ(made->key, kKey);
  EXPECT_TRUE(verify_ssh_signature(kOther, "other", kMessage));
}

TEST(SshSignature, OfAnotherTextOrPurposeIsDenied) {
  EXPECT_EQ(verify_ssh_signature(kSigned, "stanch-approval", "stanch approves").error().code(),
            ErrorCode::kDenied);
  EXPECT_EQ(verify_ssh_signature(kOther, "stanch-approval", kMessage).error().code(),
            ErrorCode::kDenied);
  EXPECT_EQ(verify_ssh_signature(kRsa, "stanch-approval", kMessage).error().code(),
            ErrorCode::kInvalid)
      << "keys of that type are not supported";
}

// No single changed character of it is taken for the signature that it was.
TEST(SshSignature, DamagedOnesAreRefused) {
  for (size_t i = 30; i + 30 < kSigned.size(); ++i) {
    std::string damaged = kSigned;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    if (kSigned[i] == '\n') continue;
    const auto made = verify_ssh_signature(damaged, "stanch-approval", kMessage);
    EXPECT_FALSE(made) << i;
    EXPECT_FALSE(verify_ssh_signature(kSigned.substr(0, i), "stanch-approval", kMessage)) << i;
  }
  EXPECT_FALSE(verify_ssh_signature("", "stanch-approval", kMessage));
}

TEST(SshSignature, AnArmourThatEndsBeforeItBegins) {
  const std::string end = "-----END SSH SIGNATURE-----\n",
                    begin = "-----BEGIN SSH SIGNATURE-----\n";
  EXPECT_EQ(verify_ssh_signature(end + begin, "x", "").error().code(), ErrorCode::kInvalid);
  EXPECT_TRUE(verify_ssh_signature(end + kSigned, "stanch-approval", kMessage));
}

}  // namespace
}  // namespace stanch::codec
