#include "env/sim/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/check.h"

namespace stanch::env::sim {

enum class State : uint8_t { kReady, kLocking, kWaiting, kJoining, kSleeping, kDone };

struct Strand {
  Schedule* schedule = nullptr;
  uint64_t run = 0;
  size_t index = 0;
  std::string name;
  State state = State::kReady;
  Schedule::Lock* lock = nullptr;  // while locking or waiting
  Strand* joined = nullptr;        // while joining
  Steady until{};                  // while sleeping
  std::condition_variable baton;
  std::thread thread;  // none under the first strand, which is who called run()
};

namespace {

constexpr size_t kLastCalls = 64;
constexpr uint64_t kDeadCallsMax = 1'000'000;
constexpr Duration kCallTakes = std::chrono::microseconds(1);
constexpr Duration kRebootTakes = std::chrono::seconds(30);
constexpr Time kFirstMoment = Time(std::chrono::seconds(1'767'225'600));  // 2026-01-01T00:00:00Z

thread_local Strand* current_strand = nullptr;

}  // namespace

Schedule::Schedule(uint64_t seed, const SimOptions& options)
    : seed_(seed), options_(options), dice_(seed, 0), wall_(kFirstMoment) {}

Schedule::~Schedule() { CHECK(running_ == nullptr); }

Strand& Schedule::current() const {
  // Calls to a simulated Env from outside its run have no place in the order.
  CHECK(current_strand != nullptr && current_strand->schedule == this);
  CHECK(current_strand->run == run_);
  return *current_strand;
}

bool Schedule::inside(uint64_t run) const {
  return current_strand != nullptr && current_strand->schedule == this && run == run_;
}

// A steady time of one run means nothing in the next, and reboots take a while.
void Schedule::begin_run(std::optional<CrashAt> crash) {
  CHECK(running_ == nullptr && current_strand == nullptr);
  ++run_;
  crash_ = crash;
  stopping_ = false;
  dead_calls_ = 0;
  outcome_ = {};
  outcome_.trace_hash = scatter(seed_ + run_);
  thrown_ = nullptr;
  last_calls_.clear();
  wall_ += kRebootTakes;
  steady_ = Steady(Duration(dice_.below(3'600'000'000'000)));
  constexpr uint64_t kSwitchOneIn[] = {1, 2, 8, 32};
  switch_one_in_ = kSwitchOneIn[dice_.below(std::size(kSwitchOneIn))];
}

Outcome Schedule::run(const std::function<void()>& program, std::optional<CrashAt> crash) {
  begin_run(crash);
  strands_.push_back(std::make_unique<Strand>());
  Strand& main = *strands_.back();
  main.schedule = this;
  main.run = run_;
  main.index = 0;
  main.name = "main";
  running_ = current_strand = &main;
  body_of(main, program);
  {
    Held held(mutex_);
    all_done_.wait(held, [&] { return running_ == nullptr; });
  }
  for (auto& strand : strands_) {
    if (strand->thread.joinable()) strand->thread.join();
  }
  current_strand = nullptr;
  strands_.clear();
  if (thrown_) std::rethrow_exception(thrown_);
  return outcome_;
}

// Runs a body to its end and hands the baton on for good. When the first thread
// ends, the process ends, and the others with it.
void Schedule::body_of(Strand& strand, const std::function<void()>& body) {
  std::exception_ptr thrown;
  try {
    if (!stopping_) body();
  } catch (const Crashed&) {  // unwound
  } catch (...) {
    thrown = std::current_exception();
  }
  Held held(mutex_);
  strand.state = State::kDone;
  if (thrown && !thrown_) thrown_ = thrown;
  if (thrown || strand.index == 0) stop(End::kFinished, "finished");
  running_ = stopping_ ? pick_dying() : pick_alive();
  if (running_ != nullptr) {
    running_->baton.notify_one();
  } else {
    all_done_.notify_one();
  }
}

Strand* Schedule::start(std::string name, std::function<void()> body) {
  if (!enter("start", name)) return nullptr;
  Held held(mutex_);
  strands_.push_back(std::make_unique<Strand>());
  Strand* strand = strands_.back().get();
  strand->schedule = this;
  strand->run = run_;
  strand->index = strands_.size() - 1;
  strand->name = std::move(name);
  strand->thread = std::thread([this, strand, body = std::move(body)]() mutable {
    current_strand = strand;
    {
      Held first_turn(mutex_);
      strand->baton.wait(first_turn, [&] { return running_ == strand; });
    }
    // What the body holds goes while this thread still has the baton.
    body_of(*strand, [&] {
      auto mine = std::move(body);
      mine();
    });
  });
  return strand;
}

// The first of these ends a run; what comes after it is only unwinding.
void Schedule::stop(End end, std::string message) {
  if (stopping_) return;
  stopping_ = true;
  outcome_.end = end;
  outcome_.message =
      fmt::format("{} (seed {}, run {}, after {} calls)", message, seed_, run_, outcome_.calls);
  for (auto& strand : strands_) {
    if (strand->state == State::kWaiting) strand->state = State::kLocking;
    if (strand->state == State::kSleeping) strand->state = State::kReady;
  }
}

bool Schedule::dead(Held& held, Unwinds unwinds) {
  if (unwinds == Unwinds::kYes && std::uncaught_exceptions() == 0) {
    held.unlock();
    throw Crashed{};
  }
  if (++dead_calls_ > kDeadCallsMax) {
    std::fprintf(stderr, "env/sim: a thread goes on after its process ended: %s\n%s",
                 outcome_.message.c_str(), current_strand->name.c_str());
    CHECK(dead_calls_ <= kDeadCallsMax);
  }
  return false;
}

bool Schedule::able(const Strand& strand) const {
  switch (strand.state) {
    case State::kReady: return true;
    case State::kLocking: return strand.lock->owner == nullptr;
    case State::kJoining: return strand.joined->state == State::kDone;
    case State::kSleeping: return strand.until <= steady_;
    case State::kWaiting:
    case State::kDone: return false;
  }
  return false;
}

// Who goes on: any that is able, by the dice; else time jumps to the first that
// wakes; else nobody ever will.
Strand* Schedule::pick_alive() {
  std::vector<Strand*> choices;
  Strand* first_to_wake = nullptr;
  for (auto& strand : strands_) {
    if (able(*strand)) choices.push_back(strand.get());
    if (strand->state == State::kSleeping &&
        (first_to_wake == nullptr || strand->until < first_to_wake->until)) {
      first_to_wake = strand.get();
    }
  }
  if (!choices.empty()) return choices[choices.size() == 1 ? 0 : dice_.below(choices.size())];
  if (first_to_wake != nullptr) {
    Duration wait = first_to_wake->until - steady_;
    steady_ += wait;
    wall_ += wait;
    return first_to_wake;
  }
  stop(End::kDeadlocked, "all threads wait: " + describe_waits());
  return pick_dying();
}

// Who unwinds next: one that waits for nobody; in the end one that waits for a
// lock which no one will give back any more. In turn, so that a destructor that
// waits for other threads sees them end.
Strand* Schedule::pick_dying() const {
  Strand* waiting = nullptr;
  Strand* joining = nullptr;
  for (size_t i = 1; i <= strands_.size(); ++i) {
    Strand* strand = strands_[(running_->index + i) % strands_.size()].get();
    if (able(*strand)) return strand;
    if (waiting == nullptr && strand->state == State::kLocking) waiting = strand;
    if (joining == nullptr && strand->state == State::kJoining) joining = strand;
  }
  return waiting != nullptr ? waiting : joining;
}

std::string Schedule::describe_waits() const {
  std::string text;
  for (const auto& strand : strands_) {
    if (strand->state == State::kDone) continue;
    if (!text.empty()) text += "; ";
    text += strand->name;
    if (strand->state == State::kJoining) text += " to join " + strand->joined->name;
    if (strand->state == State::kWaiting) text += " to be notified";
    if (strand->state == State::kLocking) {
      text += " for a lock that " + strand->lock->owner->name + " holds";
    }
  }
  return text;
}

// The caller has set its state to what it waits for; returns when it has the
// baton again, which the state then no longer tells.
void Schedule::pass_baton(Held& held, Strand& me) {
  Strand* next = stopping_ ? pick_dying() : pick_alive();
  CHECK(next != nullptr);
  if (next != &me) {
    running_ = next;
    next->baton.notify_one();
    me.baton.wait(held, [&] { return running_ == &me; });
  }
  me.state = State::kReady;
}

void Schedule::record(const Strand& strand, std::string_view call, std::string_view detail) {
  ++outcome_.calls;
  wall_ += kCallTakes;
  steady_ += kCallTakes;
  note(strand.index);
  note(call);
  note(detail);
  if (last_calls_.size() == kLastCalls) last_calls_.pop_front();
  last_calls_.push_back(fmt::format("#{} {}: {} {}\n", outcome_.calls, strand.name, call, detail));
}

bool Schedule::enter(std::string_view call, std::string_view detail, Unwinds unwinds,
                     const std::function<void()>& torn) {
  Strand& me = current();
  Held held(mutex_);
  if (stopping_) return dead(held, unwinds);
  if (strands_.size() > 1 && dice_.one_in(switch_one_in_)) {
    pass_baton(held, me);
    if (stopping_) return dead(held, unwinds);
  }
  record(me, call, detail);
  if (crash_ && outcome_.calls == crash_->call) {
    if (torn) torn();
    stop(End::kCrashed, fmt::format("crashed before \"{} {}\" of {}", call, detail, me.name));
    return dead(held, unwinds);
  }
  if (outcome_.calls >= options_.calls_max) {
    stop(End::kOutOfCalls, "more calls than calls_max");
    return dead(held, unwinds);
  }
  return true;
}

void Schedule::note(uint64_t number) {
  outcome_.trace_hash = scatter(outcome_.trace_hash * 0x9e3779b97f4a7c15U + number);
}

void Schedule::note(std::string_view bytes) {
  note(bytes.size());
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    note(word);
  }
  uint64_t rest = 0;
  for (char c : bytes) rest = rest << 8 | static_cast<unsigned char>(c);
  note(rest);
}

void Schedule::sleep(Duration duration) {
  if (!enter("sleep", fmt::format("{} ns", duration.count()))) return;
  if (duration <= Duration::zero()) return;
  Strand& me = current();
  Held held(mutex_);
  me.state = State::kSleeping;
  me.until = steady_ + duration;
  pass_baton(held, me);
  if (stopping_) dead(held, Unwinds::kYes);
}

void Schedule::join(Strand* strand) {
  Strand& me = current();
  bool alive = enter("join", strand->name, Unwinds::kNo);
  Held held(mutex_);
  // When unwinding, the joined thread must be gone before what it uses goes.
  while (strand->state != State::kDone) {
    CHECK(alive || strand != &me);
    me.state = State::kJoining;
    me.joined = strand;
    pass_baton(held, me);
  }
}

// Takes the lock; others run until it is free. In a dying process the lock may
// be taken from a thread that will not give it back.
void Schedule::acquire(Held& held, Strand& me, Lock& lock) {
  while (lock.owner != nullptr) {
    me.state = State::kLocking;
    me.lock = &lock;
    pass_baton(held, me);
    if (stopping_ && lock.owner != nullptr) break;
  }
  lock.owner = &me;
}

void Schedule::lock(Lock& lock) {
  (void)enter("lock", "", Unwinds::kNo);
  Held held(mutex_);
  acquire(held, current(), lock);
}

void Schedule::unlock(Lock& lock) {
  bool alive = enter("unlock", "", Unwinds::kNo);
  Held held(mutex_);
  CHECK(!alive || lock.owner == &current());
  if (lock.owner == &current()) lock.owner = nullptr;
}

void Schedule::wait(Lock& lock) {
  bool alive = enter("wait", "");
  Strand& me = current();
  Held held(mutex_);
  CHECK(!alive || lock.owner == &me);
  if (lock.owner == &me) lock.owner = nullptr;
  bool spurious = alive && options_.spurious_wakes && dice_.one_in(16);
  me.state = alive && !spurious ? State::kWaiting : State::kLocking;
  me.lock = &lock;
  pass_baton(held, me);
  acquire(held, me, lock);
  if (alive && stopping_) dead(held, Unwinds::kYes);
}

void Schedule::notify_all(Lock& lock) {
  if (!enter("notify", "", Unwinds::kNo)) return;
  Held held(mutex_);
  for (auto& strand : strands_) {
    if (strand->state == State::kWaiting && strand->lock == &lock) {
      strand->state = State::kLocking;
    }
  }
}

std::string Schedule::last_calls() const {
  std::string text;
  for (const std::string& call : last_calls_) text += call;
  return text;
}

}  // namespace stanch::env::sim
