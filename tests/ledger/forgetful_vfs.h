#pragma once

#include <cstdint>
#include <memory>
#include <string>

// A disk for SQLite that forgets: what was not synced may be lost when power fails, in any
// combination, and the last write torn at any byte.

namespace stanch::faults {

class ForgetfulDisk {
 public:
  // Registers itself with SQLite under `name`; unregisters in the destructor. One at a time.
  explicit ForgetfulDisk(const std::string& name);
  ~ForgetfulDisk();
  ForgetfulDisk(const ForgetfulDisk&) = delete;
  ForgetfulDisk& operator=(const ForgetfulDisk&) = delete;

  // From call number `at` on (1-based, of what changes files) nothing works any more: the machine
  // is off. 0: never.
  void lose_power_at(uint64_t at);
  uint64_t calls() const;

  // The machine is on again. Of what was not synced, the seed picks what is there.
  void restart(uint64_t seed);

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace stanch::faults
