#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "env/env.h"
#include "env/sim/dice.h"
#include "env/sim/sim.h"

namespace stanch::env::sim {

using Inode = uint64_t;

// The file system of a SimWorld: every file and folder twice, as readers see it
// and as a power failure would leave it, with the changes between the two in
// order. Pure: it knows no threads and no time. Paths may be relative to "/".
class Disk {
 public:
  Disk();

  Result<FileStatus> status(const std::string& path) const;
  Result<std::vector<std::string>> list(const std::string& path) const;
  Result<Inode> open(const std::string& path) const;
  Result<Inode> create(const std::string& path);
  Result<Inode> open_append(const std::string& path, uint64_t keep);
  Result<Inode> open_or_create(const std::string& path);  // leaves its bytes as they are
  Result<> rename(const std::string& from, const std::string& to);
  Result<> remove(const std::string& path);
  Result<> make_folders(const std::string& path);
  Result<> sync_folder(const std::string& path);

  std::string_view bytes(Inode file) const;
  void append(Inode file, std::string_view bytes);
  void sync(Inode file);
  // The unsynced changes can no longer become durable, but for a prefix.
  void fail_sync(Inode file, Dice& dice);

  void put(const std::string& path, std::string_view bytes);  // durable
  std::vector<std::string> all_files() const;
  void crash(CrashKind kind, Dice& dice);

 private:
  // A change to the bytes of a file: a write at an offset, or a cut to it.
  struct Change {
    uint64_t offset;
    std::string bytes;
    bool cut;
  };
  struct Node {
    bool folder = false;
    std::string bytes;          // of a file, as readers see it
    std::string durable_bytes;  // as of the last sync
    std::vector<Change> unsynced;
    std::map<std::string, Inode> names;  // of a folder
    std::map<std::string, Inode> durable_names;
  };
  // One atomic change of names: one for create, remove and make_folders, two for rename.
  struct NameChange {
    struct Name {
      Inode folder;
      std::string name;
      Inode inode;  // 0: no such name any more
    };
    std::vector<Name> sets;
  };
  // Where a path leads: to `name` in `folder`; inode 0 if nothing is there.
  struct Spot {
    Inode folder = 0;
    std::string name;
    Inode inode = 0;
  };

  Result<Spot> find(const std::string& path, std::string_view doing) const;
  Result<Spot> find_existing(const std::string& path, std::string_view doing) const;
  Result<Spot> find_or_make_file(const std::string& path, std::string_view doing);
  const Node& node(Inode inode) const { return nodes_.at(inode); }
  Node& node(Inode inode) { return nodes_.at(inode); }
  Inode add_node(bool folder);
  void change_names(std::vector<NameChange::Name> sets);
  void make_durable(const NameChange& change);
  // Makes durable what touches such a name, and what that follows on.
  void sync_names(const std::function<bool(Inode folder, const std::string& name)>& wanted);
  bool contains(Inode folder, Inode inode) const;
  static void apply(const Change& change, std::string& bytes);
  static void keep_prefix(Node& file, Dice& dice);
  void settle_names(CrashKind kind, Dice& dice);
  void forget_unreachable();
  void collect_files(Inode folder, const std::string& prefix, std::vector<std::string>& out) const;

  std::map<Inode, Node> nodes_;
  std::vector<NameChange> unsynced_names_;
  Inode next_ = 1;
};

// The parts of a path, with "." and ".." resolved.
std::vector<std::string> parts_of(std::string_view path);

}  // namespace stanch::env::sim
