#include "env/sim/disk.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/check.h"
#include "env/system_error.h"

// Durability of names. All changes of names since the last sync stand in one
// list. Syncing a folder makes durable every change that touches it, together
// with all earlier changes of the same names, in order. In a power failure each
// change survives or not, but one of a name whose earlier change is lost is lost
// too. That is weaker than a journal that keeps all of them in order, as ext4
// does, and on purpose: programs must not rest on one file system's kindness.

namespace stanch::env::sim {
namespace {

constexpr Inode kRoot = 1;

}  // namespace

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    size_t slash = std::min(path.find('/'), path.size());
    std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else {
      parts.emplace_back(part);
    }
  }
  return parts;
}

Disk::Disk() { CHECK(add_node(true) == kRoot); }

Inode Disk::add_node(bool folder) {
  nodes_[next_].folder = folder;
  return next_++;
}

Result<Disk::Spot> Disk::find(const std::string& path, std::string_view doing) const {
  if (path.empty()) return system_error(ENOENT, doing, path);
  Spot spot{.folder = kRoot, .name = "", .inode = kRoot};
  for (std::string& part : parts_of(path)) {
    if (spot.inode == 0) return system_error(ENOENT, doing, path);
    if (!node(spot.inode).folder) return system_error(ENOTDIR, doing, path);
    spot.folder = spot.inode;
    const auto& names = node(spot.folder).names;
    auto found = names.find(part);
    spot.inode = found == names.end() ? 0 : found->second;
    spot.name = std::move(part);
  }
  return spot;
}

Result<Disk::Spot> Disk::find_existing(const std::string& path, std::string_view doing) const {
  TRY(Spot spot, find(path, doing));
  if (spot.inode == 0) return system_error(ENOENT, doing, path);
  return spot;
}

Result<FileStatus> Disk::status(const std::string& path) const {
  TRY(Spot spot, find_existing(path, "look at"));
  const Node& found = node(spot.inode);
  return FileStatus{.kind = found.folder ? FileKind::kFolder : FileKind::kFile,
                    .size = found.bytes.size(),
                    .device = 1,
                    .inode = spot.inode};
}

Result<std::vector<std::string>> Disk::list(const std::string& path) const {
  TRY(Spot spot, find_existing(path, "list"));
  if (!node(spot.inode).folder) return system_error(ENOTDIR, "list", path);
  std::vector<std::string> names;
  for (const auto& [name, inode] : node(spot.inode).names) names.push_back(name);
  return names;
}

Result<Inode> Disk::open(const std::string& path) const {
  TRY(Spot spot, find_existing(path, "open"));
  if (node(spot.inode).folder) return system_error(EISDIR, "open", path);
  return spot.inode;
}

Result<Disk::Spot> Disk::find_or_make_file(const std::string& path, std::string_view doing) {
  TRY(Spot spot, find(path, doing));
  if (spot.inode != 0 && node(spot.inode).folder) return system_error(EISDIR, doing, path);
  if (spot.inode == 0) {
    spot.inode = add_node(false);
    change_names({{spot.folder, spot.name, spot.inode}});
  }
  return spot;
}

Result<Inode> Disk::create(const std::string& path) {
  TRY(Spot spot, find_or_make_file(path, "create"));
  Node& file = node(spot.inode);
  if (!file.bytes.empty()) {
    file.bytes.clear();
    file.unsynced.push_back({.offset = 0, .bytes = "", .cut = true});
  }
  return spot.inode;
}

Result<Inode> Disk::open_append(const std::string& path, uint64_t keep) {
  TRY(Spot spot, find_or_make_file(path, "open"));
  Node& file = node(spot.inode);
  if (file.bytes.size() < keep) return shorter_than_kept(path, file.bytes.size(), keep);
  if (file.bytes.size() > keep) {
    file.bytes.resize(keep);
    file.unsynced.push_back({.offset = keep, .bytes = "", .cut = true});
  }
  return spot.inode;
}

Result<Inode> Disk::open_or_create(const std::string& path) {
  TRY(Spot spot, find_or_make_file(path, "open"));
  return spot.inode;
}

bool Disk::contains(Inode folder, Inode inode) const {
  if (folder == inode) return true;
  for (const auto& [name, child] : node(folder).names) {
    if (node(child).folder && contains(child, inode)) return true;
  }
  return false;
}

Result<> Disk::rename(const std::string& from, const std::string& to) {
  TRY(Spot source, find_existing(from, "rename"));
  TRY(Spot target, find(to, "rename"));
  if (source.inode == target.inode) return {};
  const Node& moved = node(source.inode);
  // (rename(2) says EINVAL for a folder into itself, EBUSY for the root.)
  if (moved.folder && contains(source.inode, target.folder)) {
    return system_error(EINVAL, "rename", from);
  }
  if (target.inode != 0) {
    const Node& replaced = node(target.inode);
    if (replaced.folder && !moved.folder) return system_error(EISDIR, "rename", from);
    if (!replaced.folder && moved.folder) return system_error(ENOTDIR, "rename", from);
    if (!replaced.names.empty()) return system_error(ENOTEMPTY, "rename", from);
  }
  change_names({{source.folder, source.name, 0}, {target.folder, target.name, source.inode}});
  return {};
}

Result<> Disk::remove(const std::string& path) {
  TRY(Spot spot, find_existing(path, "remove"));
  if (spot.inode == kRoot) return system_error(EBUSY, "remove", path);
  if (!node(spot.inode).names.empty()) return system_error(ENOTEMPTY, "remove", path);
  change_names({{spot.folder, spot.name, 0}});
  return {};
}

Result<> Disk::make_folders(const std::string& path) {
  std::string so_far;
  for (const std::string& part : parts_of(path)) {
    so_far += '/';
    so_far += part;
    TRY(Spot spot, find(so_far, "make the folder"));
    if (spot.inode == 0) {
      change_names({{spot.folder, spot.name, add_node(true)}});
    } else if (!node(spot.inode).folder) {
      return system_error(EEXIST, "make the folder", path);
    }
  }
  return {};
}

void Disk::change_names(std::vector<NameChange::Name> sets) {
  for (const NameChange::Name& set : sets) {
    auto& names = node(set.folder).names;
    if (set.inode == 0) {
      names.erase(set.name);
    } else {
      names[set.name] = set.inode;
    }
  }
  unsynced_names_.push_back({std::move(sets)});
}

void Disk::make_durable(const NameChange& change) {
  for (const NameChange::Name& set : change.sets) {
    auto& names = node(set.folder).durable_names;
    if (set.inode == 0) {
      names.erase(set.name);
    } else {
      names[set.name] = set.inode;
    }
  }
}

Result<> Disk::sync_folder(const std::string& path) {
  TRY(Spot spot, find_existing(path.empty() ? "/" : path, "sync the folder"));
  if (!node(spot.inode).folder) return system_error(ENOTDIR, "sync the folder", path);
  sync_names([&](Inode folder, const std::string&) { return folder == spot.inode; });
  return {};
}

void Disk::sync_names(const std::function<bool(Inode, const std::string&)>& wanted) {
  std::set<std::pair<Inode, std::string>> needed;
  std::vector<NameChange> synced;
  for (size_t i = unsynced_names_.size(); i-- > 0;) {
    const auto& sets = unsynced_names_[i].sets;
    bool taken = std::any_of(sets.begin(), sets.end(), [&](const NameChange::Name& set) {
      return wanted(set.folder, set.name) || needed.contains({set.folder, set.name});
    });
    if (!taken) continue;
    for (const NameChange::Name& set : sets) needed.insert({set.folder, set.name});
    synced.push_back(std::move(unsynced_names_[i]));
    unsynced_names_.erase(unsynced_names_.begin() + static_cast<ptrdiff_t>(i));
  }
  for (size_t i = synced.size(); i-- > 0;) make_durable(synced[i]);
}

std::string_view Disk::bytes(Inode file) const { return node(file).bytes; }

void Disk::append(Inode file, std::string_view bytes) {
  if (bytes.empty()) return;
  Node& to = node(file);
  to.unsynced.push_back({.offset = to.bytes.size(), .bytes = std::string(bytes), .cut = false});
  to.bytes += bytes;
}

void Disk::apply(const Change& change, std::string& bytes) {
  if (change.cut) {
    bytes.resize(change.offset);
    return;
  }
  // Behind the end stands what a failed sync lost: a hole of zeros.
  if (bytes.size() < change.offset + change.bytes.size()) {
    bytes.resize(change.offset + change.bytes.size());
  }
  bytes.replace(change.offset, change.bytes.size(), change.bytes);
}

void Disk::sync(Inode file) {
  Node& synced = node(file);
  for (const Change& change : synced.unsynced) apply(change, synced.durable_bytes);
  synced.unsynced.clear();
}

void Disk::keep_prefix(Node& file, Dice& dice) {
  if (file.unsynced.empty()) return;
  size_t whole = dice.below(file.unsynced.size() + 1);
  for (size_t i = 0; i < whole; ++i) apply(file.unsynced[i], file.durable_bytes);
  if (whole < file.unsynced.size() && !file.unsynced[whole].cut) {
    Change& torn = file.unsynced[whole];
    torn.bytes.resize(dice.below(torn.bytes.size() + 1));
    if (!torn.bytes.empty()) apply(torn, file.durable_bytes);
  }
  file.unsynced.clear();
}

void Disk::fail_sync(Inode file, Dice& dice) { keep_prefix(node(file), dice); }

void Disk::settle_names(CrashKind kind, Dice& dice) {
  std::set<std::pair<Inode, std::string>> lost;
  for (const NameChange& change : unsynced_names_) {
    bool survives = kind == CrashKind::kPowerLost && dice.one_in(2);
    for (const NameChange::Name& set : change.sets) {
      survives = survives && !lost.contains({set.folder, set.name});
    }
    if (survives) {
      make_durable(change);
    } else {
      for (const NameChange::Name& set : change.sets) lost.insert({set.folder, set.name});
    }
  }
  unsynced_names_.clear();
}

void Disk::crash(CrashKind kind, Dice& dice) {
  if (kind == CrashKind::kKilled) return;
  settle_names(kind, dice);
  for (auto& [inode, node] : nodes_) {
    if (kind == CrashKind::kPowerLost) keep_prefix(node, dice);
    node.unsynced.clear();
    node.bytes = node.durable_bytes;
    node.names = node.durable_names;
  }
  forget_unreachable();
}

void Disk::forget_unreachable() {
  std::set<Inode> reached;
  std::vector<Inode> todo = {kRoot};
  while (!todo.empty()) {
    Inode inode = todo.back();
    todo.pop_back();
    if (!reached.insert(inode).second) continue;
    for (const auto& [name, child] : node(inode).names) todo.push_back(child);
  }
  std::erase_if(nodes_, [&](const auto& entry) { return !reached.contains(entry.first); });
}

void Disk::put(const std::string& path, std::string_view bytes) {
  std::vector<std::string> parts = parts_of(path);
  CHECK(!parts.empty());
  Inode folder = kRoot;
  for (size_t i = 0; i < parts.size(); ++i) {
    bool last = i + 1 == parts.size();
    auto found = node(folder).names.find(parts[i]);
    Inode child = found != node(folder).names.end() ? found->second : add_node(!last);
    CHECK(node(child).folder != last);
    sync_names([&](Inode in, const std::string& name) { return in == folder && name == parts[i]; });
    node(folder).names[parts[i]] = child;
    node(folder).durable_names[parts[i]] = child;
    folder = child;
  }
  Node& file = node(folder);
  file.bytes = file.durable_bytes = bytes;
  file.unsynced.clear();
}

void Disk::collect_files(Inode folder, const std::string& prefix,
                         std::vector<std::string>& out) const {
  for (const auto& [name, inode] : node(folder).names) {
    std::string path = prefix;
    path.append("/").append(name);
    if (node(inode).folder) {
      collect_files(inode, path, out);
    } else {
      out.push_back(std::move(path));
    }
  }
}

std::vector<std::string> Disk::all_files() const {
  std::vector<std::string> paths;
  collect_files(kRoot, "", paths);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace stanch::env::sim
