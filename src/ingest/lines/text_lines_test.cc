#include <gtest/gtest.h>

#include "ingest/fake_files_for_test.h"
#include "ingest/ingest.h"

namespace stanch::ingest {
namespace {

std::string json_of(std::string_view line) {
  TextLines lines;
  std::string json;
  switch (lines.read(line, json)) {
    case TextLines::Kind::kNone: return "-";
    case TextLines::Kind::kHeader: return "header";
    case TextLines::Kind::kRecord: break;
  }
  // The line itself, at the end, says nothing new.
  return json.substr(0, json.rfind(",\"line\":")) + "}";
}

struct Case {
  const char* name;
  std::string_view line;
  std::string expected;
};

void expect_all(const std::vector<Case>& cases) {
  for (const auto& [name, line, expected] : cases) EXPECT_EQ(json_of(line), expected) << name;
}

TEST(TextLines, ReadFlowLogs) {
  expect_all({
      {"default",
       "2 111122223333 eni-0a1b 203.0.113.66 10.0.4.7 50112 22 6 20 4249 1772440812 1772440872 "
       "REJECT OK",
       R"({"text_form":"aws_vpc_flow","version":"2","account-id":"111122223333","interface-id":"eni-0a1b","srcaddr":"203.0.113.66","dstaddr":"10.0.4.7","srcport":"50112","dstport":"22","protocol":"6","packets":"20","bytes":"4249","start":"1772440812","end":"1772440872","action":"REJECT","log-status":"OK"})"},
      {"nothing seen", "2 111122223333 eni-0a1b - - - - - - - 1772440812 1772440872 - NODATA",
       R"({"text_form":"aws_vpc_flow","version":"2","account-id":"111122223333","interface-id":"eni-0a1b","start":"1772440812","end":"1772440872","log-status":"NODATA"})"},
      {"header", "version vpc-id srcaddr", "header"},
      {"another header", "version name srcaddr", "-"},
      {"one column", "version", "-"},
      {"another version",
       "3 111122223333 eni-0a1b 203.0.113.66 10.0.4.7 50112 22 6 20 4249 1 2 REJECT OK", "-"},
      {"no interface", "2 111122223333 x 203.0.113.66 10.0.4.7 50112 22 6 20 4249 1 2 REJECT OK",
       "-"},
      {"words where numbers are",
       "2 111122223333 eni-0a1b 203.0.113.66 10.0.4.7 50112 ssh 6 20 4249 1 2 REJECT OK", "-"},
      {"a column too few",
       "2 111122223333 eni-0a1b 203.0.113.66 10.0.4.7 50112 22 6 20 4249 1 2 OK", "-"},
  });
}

TEST(TextLines, AHeaderNamesTheColumnsOfWhatFollows) {
  TextLines lines;
  std::string json;
  EXPECT_EQ(lines.read("srcaddr dstaddr\r", json), TextLines::Kind::kHeader);
  EXPECT_EQ(lines.read("10.0.0.1 10.0.0.2", json), TextLines::Kind::kRecord);
  EXPECT_EQ(
      json,
      R"({"text_form":"aws_vpc_flow","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","line":"10.0.0.1 10.0.0.2"})");
  EXPECT_EQ(lines.read("10.0.0.1 10.0.0.2 6", json), TextLines::Kind::kNone);
  EXPECT_EQ(json, "");
  EXPECT_EQ(lines.read("dstaddr action", json), TextLines::Kind::kHeader);
  EXPECT_EQ(lines.read("- ACCEPT", json), TextLines::Kind::kRecord);
  EXPECT_EQ(json, R"({"text_form":"aws_vpc_flow","action":"ACCEPT","line":"- ACCEPT"})");
}

TEST(TextLines, ReadAccessLogsOfS3) {
  const std::string owner(64, 'a');
  const std::string line =
      owner +
      R"( bills [06/Feb/2026:00:00:38 +0000] 203.0.113.66 arn:aws:iam::111122223333:user/deploy 3E57 REST.GET.OBJECT a/b.pdf "GET /a/b.pdf?x=\"y\" HTTP/1.1" 403 AccessDenied 113 - 7 - "-" "aws-cli/2.15" - s9lz= SigV4)";
  expect_all({
      {"refused", line,
       R"({"text_form":"aws_s3_access","bucket_owner":")" + owner +
           R"(","bucket":"bills","time":"06/Feb/2026:00:00:38 +0000","remote_ip":"203.0.113.66","requester":"arn:aws:iam::111122223333:user/deploy","request_id":"3E57","operation":"REST.GET.OBJECT","key":"a/b.pdf","request_uri":"GET /a/b.pdf?x=\\\"y\\\" HTTP/1.1","http_status":"403","error_code":"AccessDenied","bytes_sent":"113","total_time":"7","user_agent":"aws-cli/2.15","host_id":"s9lz=","signature_version":"SigV4"})"},
      {"cut off", std::string_view(line).substr(0, 150), "-"},
      {"a quote that does not end", owner + R"( bills [06/Feb/2026:00:00:38 +0000] a b c d e "GET)",
       "-"},
      {"another first column", "bills" + line.substr(64), "-"},
  });
}

TEST(TextLines, ReadAccessLogsOfLoadBalancers) {
  expect_all({
      {"application",
       R"(https 2026-03-02T08:40:12.186641Z app/shop/50dc 203.0.113.66:2817 10.0.0.1:80 0.086 0.048 0.037 403 - 0 57 "GET https://shop.example.org:443/ HTTP/1.1" "curl/8" TLS_AES TLSv1.3 arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/73e2)",
       R"({"text_form":"aws_elb_access","type":"https","time":"2026-03-02T08:40:12.186641Z","elb":"app/shop/50dc","client:port":"203.0.113.66:2817","target:port":"10.0.0.1:80","request_processing_time":"0.086","target_processing_time":"0.048","response_processing_time":"0.037","elb_status_code":"403","received_bytes":"0","sent_bytes":"57","request":"GET https://shop.example.org:443/ HTTP/1.1","user_agent":"curl/8","ssl_cipher":"TLS_AES","ssl_protocol":"TLSv1.3","target_group_arn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/73e2"})"},
      {"network",
       "tls 2.0 2026-03-02T08:40:12 net/shop/c6e7 g3d4 203.0.113.66:51341 10.0.0.1:443 5 2 98 246 "
       "- "
       "arn:aws:acm:eu-west-1:111122223333:certificate/2a10 - ECDHE tlsv12",
       R"({"text_form":"aws_elb_access","type":"tls","version":"2.0","time":"2026-03-02T08:40:12","elb":"net/shop/c6e7","listener":"g3d4","client:port":"203.0.113.66:51341","destination:port":"10.0.0.1:443","connection_time":"5","tls_handshake_time":"2","received_bytes":"98","sent_bytes":"246","chosen_cert_arn":"arn:aws:acm:eu-west-1:111122223333:certificate/2a10","tls_cipher":"ECDHE","tls_protocol_version":"tlsv12"})"},
      {"classic",
       R"(2026-03-02T08:40:12.945958Z shop 203.0.113.66:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.org:80/ HTTP/1.1" "curl/8" - -)", R"({"text_form":"aws_elb_access","time":"2026-03-02T08:40:12.945958Z","elb":"shop","client:port":"203.0.113.66:2817","backend:port":"10.0.0.1:80","request_processing_time":"0.000073","backend_processing_time":"0.001048","response_processing_time":"0.000057","elb_status_code":"200","backend_status_code":"200","received_bytes":"0","sent_bytes":"29","request":"GET http://www.example.org:80/ HTTP/1.1","user_agent":"curl/8"})"},
      {"too short", "https 2026-03-02T08:40:12.186641Z app/shop/50dc 203.0.113.66:2817", "-"},
      {"no time", "https now app/shop/50dc a b c d e f g h i j k l m n o p q", "-"},
  });
}

TEST(TextLines, ReadTheAuditLog) {
  expect_all({
      {"a sign-in",
       R"(type=USER_LOGIN msg=audit(1772440812.243:24287): pid=5 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct="jo" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.66 terminal=ssh res=failed')",
       R"({"text_form":"linux_audit","type":"USER_LOGIN","audit_time":"1772440812.243","audit_serial":"24287","pid":"5","uid":"0","auid":"4294967295","ses":"4294967295","op":"login","acct":"jo","exe":"/usr/sbin/sshd","hostname":"?","addr":"203.0.113.66","terminal":"ssh","res":"failed"})"},
      {"arguments that were not safe to write",
       R"(node=web-1 type=EXECVE msg=audit(1.5:7): argc=3 a0="sh" a1="-c" a2=63617420)",
       R"({"text_form":"linux_audit","type":"EXECVE","node":"web-1","audit_time":"1.5","audit_serial":"7","argc":"3","a0":"sh","a1":"-c","a2":"cat "})"},
      {"numbers of a call stay numbers", "type=SYSCALL msg=audit(1.5:7): a0=1234 success=no",
       R"({"text_form":"linux_audit","type":"SYSCALL","audit_time":"1.5","audit_serial":"7","a0":"1234","success":"no"})"},
      {"a title of several words", "type=PROCTITLE msg=audit(1.5:7): proctitle=6C73002D6C",
       R"({"text_form":"linux_audit","type":"PROCTITLE","audit_time":"1.5","audit_serial":"7","proctitle":"ls -l"})"},
      {"said twice, the second time in words",
       "type=LOGIN msg=audit(1.5:7): auid=1000 auid=0\x1d"
       "AUID=\"jo\"",
       R"({"text_form":"linux_audit","type":"LOGIN","audit_time":"1.5","audit_serial":"7","auid":"1000","AUID":"jo"})"},
      {"a key of ours", "type=X msg=audit(1.5:7): line=1 text_form=2",
       R"({"text_form":"linux_audit","type":"X","audit_time":"1.5","audit_serial":"7"})"},
      {"no time", "type=X msg=audit(1.5", "-"},
      {"another log", "type=X message=1", "-"},
  });
}

TEST(TextLines, ReadSyslog) {
  const std::string expected =
      R"("host":"web-1","program":"sshd","pid":"812","message":"Failed: \"x\""})";
  expect_all({
      {"old", R"(Mar  2 08:40:12 web-1 sshd[812]: Failed: "x")",
       R"({"text_form":"syslog","timestamp":"Mar  2 08:40:12",)" + expected},
      {"with a priority", R"(<34>Mar 12 08:40:12 web-1 sshd[812]: Failed: "x")",
       R"({"text_form":"syslog","priority":"34","timestamp":"Mar 12 08:40:12",)" + expected},
      {"with a real time", R"(2026-03-02T08:40:12.123456+01:00 web-1 sshd[812]: Failed: "x")",
       R"({"text_form":"syslog","timestamp":"2026-03-02T08:40:12.123456+01:00",)" + expected},
      {"new",
       R"(<34>1 2026-03-02T08:40:12.1Z web-1 sshd 812 ID47 [a@1 b="]" c="\"]"][d@1] Failed: "x")",
       R"({"text_form":"syslog","priority":"34","timestamp":"2026-03-02T08:40:12.1Z",)" + expected},
      {"new, without data", R"(<34>1 2026-03-02T08:40:12.1Z web-1 sshd 812 - - Failed: "x")",
       R"({"text_form":"syslog","priority":"34","timestamp":"2026-03-02T08:40:12.1Z",)" + expected},
      {"of a program without a number", "2026-03-02T08:40:12Z web-1 sudo: jo : TTY=pts/0",
       R"({"text_form":"syslog","timestamp":"2026-03-02T08:40:12Z","host":"web-1","program":"sudo","message":"jo : TTY=pts/0"})"},
      {"perhaps another log", "2026-03-02T08:40:12Z INFO main: started", "-"},
      {"JSON behind a time", R"(2026-03-02T08:40:12Z {"a":1})", "-"},
      {"another month", "Mai  2 08:40:12 web-1 sshd[812]: x", "-"},
      {"no program", "Mar  2 08:40:12 web-1", "-"},
      {"words", "Mar is a month of 31 days, as January is", "-"},
      {"JSON", R"({"type":"x"})", "-"},
      {"", "", "-"},
  });
}

TEST(TextLines, OfOneSyslogNeedNotAllSayWhatTheyAre) {
  TextLines lines;
  std::string json;
  EXPECT_EQ(lines.read("2026-03-02T08:40:12Z web-1 cron: x", json), TextLines::Kind::kNone);
  EXPECT_EQ(lines.read("2026-03-02T08:40:12Z web-1 cron[3]: x", json), TextLines::Kind::kRecord);
  EXPECT_EQ(lines.read("2026-03-02T08:40:12Z web-1 cron: x", json), TextLines::Kind::kRecord);
}

// What comes of a file of lines, whatever the windows.
struct Read {
  std::vector<std::string> records;  // "<offset> <json>"
  std::vector<std::string> rejected;
  std::optional<InputError> error;
};

Read read_file(std::string text, Limits limits = {}) {
  FakeFiles files;
  files.contents["log"] = std::move(text);
  RecordReader reader(files, {"log", 0, false}, limits);
  RecordBatch batch;
  Read all;
  while (reader.next(batch)) {
    for (const model::Record& record : batch.records) {
      const std::string bytes(record.bytes.data(),
                              record.bytes.size() + RecordBatch::kReadableBehind);
      all.records.push_back(std::to_string(record.origin.record) + "@" +
                            std::to_string(record.origin.offset) + " " +
                            bytes.substr(0, record.bytes.size()));
    }
    for (const auto& piece : batch.rejected) {
      all.rejected.push_back(std::string(codec::name_of(piece.problem)) + " " +
                             std::to_string(piece.origin.record) + "@" +
                             std::to_string(piece.origin.offset) + " " +
                             std::to_string(piece.length) + " " + std::string(piece.bytes));
    }
  }
  if (reader.error() != nullptr) all.error = *reader.error();
  return all;
}

TEST(TextLinesOfFiles, AreRecordsAndWhatIsNoneIsRejected) {
  const std::string text =
      "\xEF\xBB\xBF"
      "some words first\n"
      "srcaddr dstaddr\n"
      "\n"
      "10.0.0.1 10.0.0.2\r\n"
      "cut off\x01\n"
      "  {\"a\":1}\n" +
      std::string(100, 'x') +
      "\n"
      "10.0.0.3 10.0.0.4";
  for (const size_t window : {size_t{1}, size_t{7}, size_t{64}, size_t{4096}}) {
    const Read all =
        read_file(text, {.window_bytes = window, .record_bytes_max = 64, .rejected_bytes_max = 8});
    EXPECT_EQ(
        all.records,
        (std::vector<std::string>{
            R"(2@37 {"text_form":"aws_vpc_flow","srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","line":"10.0.0.1 10.0.0.2"})",
            R"(4@67 {"a":1})",
            R"(6@176 {"text_form":"aws_vpc_flow","srcaddr":"10.0.0.3","dstaddr":"10.0.0.4","line":"10.0.0.3 10.0.0.4"})"}))
        << window;
    EXPECT_EQ(all.rejected,
              (std::vector<std::string>{"syntax 1@3 16 some wor", "syntax 3@56 8 cut off\x01",
                                        "too-large 5@75 100 xxxxxxxx"}))
        << window;
    EXPECT_FALSE(all.error) << window;
  }
}

TEST(TextLinesOfFiles, ALineThatNeverEndsIsCounted) {
  const Read all = read_file("srcaddr dstaddr\n" + std::string(100, 'x'),
                             {.window_bytes = 16, .record_bytes_max = 32, .rejected_bytes_max = 4});
  EXPECT_EQ(all.rejected, std::vector<std::string>{"too-large 1@16 100 xxxx"});
}

TEST(TextLinesOfFiles, JsonBeforeThemMakesThemNone) {
  const Read all = read_file("{\"a\":1}\n2 111122223333 eni-1 a b 1 2 6 2 4 1 2 REJECT OK\n");
  EXPECT_EQ(all.records, std::vector<std::string>{R"(1@0 {"a":1})"});
  EXPECT_EQ(all.rejected.size(), 1u);
}

TEST(TextLinesOfFiles, OtherTextIsStillNoJson) {
  const Read all = read_file("a README\n\nof words\n");
  EXPECT_TRUE(all.records.empty());
  ASSERT_TRUE(all.error);
  EXPECT_EQ(all.error->problem, InputProblem::kNoJson);
}

}  // namespace
}  // namespace stanch::ingest
