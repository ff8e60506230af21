#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text_arena.h"
#include "codec/json.h"
#include "env/env.h"
#include "model/record.h"

// Bytes -> Record: the face of the ingest stage. Forms are recognised, never
// asked for (docs/OPERATING.md lists them); whatever cannot be read is named and
// counted, and never costs its neighbours.

namespace stanch::ingest {

// Something that could not be read, in whole or in part.
enum class InputProblem : uint8_t {
  kNotFound,
  kDenied,
  kUnreadable,  // file or folder
  kChanged,     // shrank while read
  kTruncatedGzip,
  kCorruptGzip,
  kCorruptZstd,
  kTruncatedZstd,
  kBomb,           // inflates beyond the ratio or size limit
  kNoJson,         // nothing in it looks like JSON
  kZstdWindow,     // needs more memory to inflate than we give it
  kTruncatedJson,  // ends inside a value or an array of records
  kEmpty,          // nothing in it but white space
  kNoEvent,        // records, but none of them gave an event; said by the pipeline
};
inline constexpr size_t kInputProblems = 14;
std::string_view name_of(InputProblem problem);

struct InputError {
  std::string path;
  InputProblem problem;
  std::string message;  // for people: what happened, where, what to do

  // False: named and counted, but nothing was lost that anybody asked for. So it is with a
  // file without JSON that was found in a folder (a README beside the logs), and with an
  // empty file.
  bool loss = true;
};

struct InputFile {
  std::string path;
  uint64_t size = 0;   // bytes on disk; 0 if unknown (standard input, pipes)
  bool found = false;  // in a folder or by a glob, not named itself
};

// What people call the input with this path.
inline std::string_view input_name(std::string_view path) {
  return path == "-" ? "standard input" : path;
}

struct Listing {
  std::vector<InputFile> files;  // in the order of the arguments, folders sorted; no file twice
  std::vector<InputError> errors;
};

// Named limits, all in one place so that tests can make them small.
struct Limits {
  size_t window_bytes = size_t{4} << 20;             // of uncompressed text looked at at once
  size_t record_bytes_max = size_t{32} << 20;        // a longer record is rejected: too-large
  size_t rejected_bytes_max = size_t{1} << 20;       // of a rejected piece that are kept
  size_t whole_member_bytes_max = size_t{32} << 20;  // inflated at once up to here, streamed above
  // See codec::InflateLimits: a bomb is what exceeds the ratio after the free bytes.
  uint64_t inflate_ratio_max = 400;  // uncompressed / compressed
  uint64_t inflate_free_bytes = uint64_t{256} << 20;
  uint64_t inflate_bytes_max = uint64_t{1} << 40;
  uint32_t unwrap_depth_max = 4;                // envelopes inside envelopes
  size_t unwrap_bytes_max = size_t{256} << 20;  // that one record may inflate to inside of it
  uint32_t folder_depth_max = 64;
  size_t listed_files_max = 10'000'000;
  size_t first_lines_bytes_max = size_t{64} << 10;  // looked at to tell lines of text from JSON
};

// Expands files, folders (recursive, hidden files too), globs (* ? [a-z] and **
// for any folders) and "-". A file that exists is never taken for a glob. In folders every
// ordinary file counts, whatever its name: its content says what it is.
Listing list_inputs(env::Files& files, std::span<const std::string> paths,
                    const Limits& limits = {});

// A piece of a file cut into records; owns their bytes.
struct RecordBatch {
  // Never shrinks, so its size says nothing. At least kReadableBehind bytes
  // behind every record may be read.
  std::vector<char> bytes;
  static constexpr size_t kReadableBehind = 64;

  std::vector<model::Record> records;
  TextArena texts;  // of records that were lines of text

  // Bytes that are no record: what the splitter had to step over. A file that
  // ends inside an array of records leaves one without bytes: kTruncated. What is JSON
  // but no object (null in an array of records) is a record.
  struct Rejected {
    model::Origin origin;
    codec::JsonProblem problem;
    std::string_view bytes;  // its beginning, at most Limits::rejected_bytes_max
    uint64_t length = 0;     // of all of it
  };
  std::vector<Rejected> rejected;
};

// Reads one file as batches of records of about Limits::window_bytes (a .gz that was inflated at
// once is one batch). Records and rejected pieces of a file are numbered together. Not thread-safe.
class RecordReader {
 public:
  RecordReader(env::Files& files, InputFile file, const Limits& limits);
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;

  // The next batch, or false at the end of the file (or of what can be read of
  // it: then error() is set). The memory of `batch` is reused. Views in it point into
  // its own bytes and into this reader's file name.
  bool next(RecordBatch& batch);

  const InputError* error() const;  // null: everything was read
  uint64_t bytes_read() const;      // from the file
  uint64_t bytes_text() const;      // after decompression
  bool is_digest() const;           // its first record is a CloudTrail digest, which is left out
  bool is_empty() const;            // at its end: there was nothing but white space

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Turns lines of text logs that are no JSON into JSON: flow logs of VPCs, access logs of S3 and of
// load balancers, syslog, Linux' audit log. The object has the columns as members, `text_form`,
// and the whole line as `line`. What one line says of those after it (a header) is remembered.
class TextLines {
 public:
  TextLines();
  ~TextLines();
  TextLines(TextLines&&) noexcept;

  enum class Kind : uint8_t {
    kNone,    // no line of a form that is known; nothing was written
    kRecord,  // `json` is its object
    kHeader,  // it names the columns of those that follow
  };
  Kind read(std::string_view line, std::string& json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A record that is no JSON may be several, or part of one and then a whole one: so it is where
// two files are put together and the first has no newline at its end, or was cut off.
struct Piece {
  std::string_view bytes;
  codec::JsonProblem problem;  // kNone: JSON, or something of an array of records
};
// All of `text`, but for separators, in its order. Uses `parser`, whose views end.
std::vector<Piece> cut_again(std::string_view text, codec::JsonParser& parser,
                             const Limits& limits);

// What a parsed record turned out to be.
enum class Envelope : uint8_t {
  kNone,
  kLookupEvents,
  kEventBridge,
  kSqs,
  kSns,
  kDigest,  // no event: a CloudTrail digest
  kOther,   // no event: an S3 notification, a bare string, …
  kCloudWatchLogs,
  kAuditData,
  kEventHub,
  kPubSub,
  kKinesis,  // a stream, Firehose, a subscription of CloudWatch Logs
  kDiagnosticLog,
  kExport,  // what Splunk, Elasticsearch and OpenSearch give out
};

// Calls `sink` for every event inside `record`: itself if it is no envelope; the
// `detail` of an EventBridge event; the JSON inside the strings of LookupEvents, SQS,
// SNS, CloudWatch Logs, Event Hubs, Pub/Sub, Kinesis, exports of Microsoft 365 and SIEMs, parsed
// with parsers of this object, after base64 and gzip; the elements of "Records" and the like. What
// is known to be no event comes as kDigest or kOther, to be counted. Views handed to the sink are
// valid during the call.
class Unwrapper {
 public:
  explicit Unwrapper(const Limits& limits);
  ~Unwrapper();

  struct Sink {
    virtual ~Sink() = default;
    virtual void event(codec::JsonView event, Envelope from) = 0;
    // Text inside an envelope that is no JSON, nested too deep (kTooDeep), or compressed and
    // damaged or too large (kTooLarge).
    virtual void rejected(codec::JsonProblem problem, std::string_view text) = 0;
  };
  void unwrap(codec::JsonView record, Sink& sink);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stanch::ingest
