#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "env/sim/dice.h"
#include "env/sim/sim.h"

// The threads and the time of a SimWorld. Each simulated thread has a thread of
// the system below it, and a baton goes round: only its holder runs. So whoever
// runs may touch the world without a lock, and handing on the baton orders
// memory. Real coroutines would be quicker, but could not run ordinary code.

namespace stanch::env::sim {

struct Strand;  // a simulated thread

// Unwinds a thread of a process that has crashed. No std::exception, so that
// code which wraps foreign libraries does not take it for one of theirs.
struct Crashed {};

// May this call unwind its thread? Those that destructors make must not.
enum class Unwinds : uint8_t { kYes, kNo };

class Schedule {
 public:
  struct Lock {  // behind a Monitor
    Strand* owner = nullptr;
  };

  Schedule(uint64_t seed, const SimOptions& options);
  ~Schedule();

  Outcome run(const std::function<void()>& program, std::optional<CrashAt> crash);

  // Every env call begins here: others may run, the call is counted, and the
  // crash may come; just then `torn` is called, to leave half an effect. True:
  // go on. False: the process is dead, and the call must do nothing; it returns
  // only where it must not unwind.
  [[nodiscard]] bool enter(std::string_view call, std::string_view detail,
                           Unwinds unwinds = Unwinds::kYes, const std::function<void()>& torn = {});
  // Puts what the call gave or took into the trace.
  void note(std::string_view bytes);
  void note(uint64_t number);

  // Is the caller a simulated thread of run number `run`?
  bool inside(uint64_t run) const;
  uint64_t run_number() const { return run_; }

  void sleep(Duration duration);
  Time now() const { return wall_; }
  Steady steady() const { return steady_; }
  void jump_wall_clock(Duration by) { wall_ += by; }
  Dice& dice() { return dice_; }

  Strand* start(std::string name, std::function<void()> body);
  void join(Strand* strand);
  void lock(Lock& lock);
  void unlock(Lock& lock);
  void wait(Lock& lock);
  void notify_all(Lock& lock);

  std::string last_calls() const;

 private:
  using Held = std::unique_lock<std::mutex>;

  Strand& current() const;
  bool dead(Held& held, Unwinds unwinds);
  void stop(End end, std::string message);
  bool able(const Strand& strand) const;
  Strand* pick_alive();
  Strand* pick_dying() const;
  void pass_baton(Held& held, Strand& me);
  void acquire(Held& held, Strand& me, Lock& lock);
  void body_of(Strand& strand, const std::function<void()>& body);
  void begin_run(std::optional<CrashAt> crash);
  void record(const Strand& strand, std::string_view call, std::string_view detail);
  std::string describe_waits() const;

  const uint64_t seed_;
  const SimOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable all_done_;
  std::vector<std::unique_ptr<Strand>> strands_;
  Strand* running_ = nullptr;  // who holds the baton

  Dice dice_;
  uint64_t run_ = 0;
  uint64_t switch_one_in_ = 1;  // of this run: how readily others get a turn
  std::optional<CrashAt> crash_;
  bool stopping_ = false;
  uint64_t dead_calls_ = 0;
  Outcome outcome_;
  std::exception_ptr thrown_;
  Time wall_;
  Steady steady_;
  std::deque<std::string> last_calls_;
};

}  // namespace stanch::env::sim
