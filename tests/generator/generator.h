#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Ordinary work of a mid-size organisation as CloudTrail records: what services
// do among themselves, what applications, scanners, infrastructure as code,
// pipelines, backups and people do all day, with the rare things in it that look
// bad and are not. For measuring noise and speed of detection.
//
// The same options and the same calls give the same bytes, on any machine.
// One generator belongs to one thread.

namespace stanch::generator {

enum class Work : uint8_t {
  kServices,        // roles assumed by services, scaling, network interfaces, log streams
  kApplications,    // key use, secrets, parameters, role chains, model calls
  kObjects,         // S3 data events
  kScanning,        // posture scanners and monitoring, with their denied calls
  kInfrastructure,  // Terraform and CloudFormation
  kDelivery,        // builds and deployments
  kBackup,          // copies, their clean-up and sharing; patching
  kPeople,          // sign-in, console, operators, administration
};
inline constexpr size_t kWorkCount = 8;

// Events of each kind of work per thousand. Need not add up to a thousand.
using Mix = std::array<uint32_t, kWorkCount>;
inline constexpr Mix kOrdinaryMix = {230, 250, 130, 250, 55, 15, 30, 40};

struct Options {
  uint64_t seed = 1;
  Mix mix = kOrdinaryMix;
  int64_t start_seconds = 1793577600;  // Unix time of the first event: 2026-11-02T00:00:00Z
  double events_per_second = 12.0;     // about a million events a day
  // Share of events that are steps of attacks, 0 to 1. The rest stays ordinary work.
  double finding_fraction = 0.0;
};

class Generator {
 public:
  explicit Generator(const Options& options);
  ~Generator();

  // Appends `count` records to `out`, each on a line of its own.
  void append(size_t count, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The organisation that the records come from, as content/context.yaml would say
// it: pairs of a placeholder name and one of its values.
struct ContextValue {
  std::string_view name;
  std::string_view value;
};
std::vector<ContextValue> organisation_context();

}  // namespace stanch::generator
