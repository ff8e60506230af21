#include "ledger/forgetful_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

namespace stanch::faults {
namespace {

struct Write {
  uint64_t at = 0;
  std::string bytes;
  bool truncate = false;  // to `at`
};

struct DiskFile {
  std::string content;          // what a reader sees
  std::string durable;          // what is certain
  bool name_durable = false;    // a new file is gone with its name
  bool removed = false;         // seen as gone; comes back if that was not synced
  std::vector<Write> unsynced;  // in order
  // Locks of SQLite, which are of connections.
  int shared = 0;
  const void* reserved = nullptr;
  const void* exclusive = nullptr;
  // The index of the write-ahead log: memory, gone when the machine is off.
  std::vector<std::unique_ptr<std::array<char, 32768>>> shm;
  std::array<int, SQLITE_SHM_NLOCK> shm_shared{};
  std::array<const void*, SQLITE_SHM_NLOCK> shm_exclusive{};
};

void write_into(const Write& write, std::string& to) {
  if (write.truncate) {
    to.resize(write.at);
    return;
  }
  if (to.size() < write.at + write.bytes.size()) to.resize(write.at + write.bytes.size());
  std::copy(write.bytes.begin(), write.bytes.end(), to.begin() + static_cast<ptrdiff_t>(write.at));
}

}  // namespace

struct ForgetfulDisk::Parts {
  std::recursive_mutex mutex;
  std::map<std::string, std::shared_ptr<DiskFile>> files;
  sqlite3_vfs vfs{};
  std::string name;
  uint64_t calls = 0, off_at = 0;
  bool off = false;

  enum class Power { kOn, kFailing, kOff };

  // One more change of a file; or the one during which power fails.
  Power draw() {
    if (off) return Power::kOff;
    ++calls;
    if (off_at == 0 || calls < off_at) return Power::kOn;
    off = true;
    return Power::kFailing;
  }
  bool change() { return draw() == Power::kOn; }
};

namespace {

using Parts = ForgetfulDisk::Parts;

struct OpenFile {
  sqlite3_file base;
  Parts* disk;
  std::shared_ptr<DiskFile>* file;
  int lock;
  unsigned shm_shared, shm_exclusive;
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
DiskFile& disk_file(sqlite3_file* file) { return **of(file).file; }
using Guard = std::lock_guard<std::recursive_mutex>;

int unlock(sqlite3_file* handle, int level) {
  Guard guard(of(handle).disk->mutex);
  DiskFile& file = disk_file(handle);
  int& lock = of(handle).lock;
  if (level < SQLITE_LOCK_RESERVED && file.reserved == handle) file.reserved = nullptr;
  if (level < SQLITE_LOCK_EXCLUSIVE && file.exclusive == handle) file.exclusive = nullptr;
  if (level == SQLITE_LOCK_NONE && lock >= SQLITE_LOCK_SHARED) --file.shared;
  lock = std::min(lock, level);
  return SQLITE_OK;
}

int close_file(sqlite3_file* handle) {
  unlock(handle, SQLITE_LOCK_NONE);
  delete of(handle).file;
  return SQLITE_OK;
}

int read_file(sqlite3_file* handle, void* to, int size, sqlite3_int64 at) {
  Guard guard(of(handle).disk->mutex);
  if (of(handle).disk->off) return SQLITE_IOERR_READ;
  const std::string& content = disk_file(handle).content;
  const auto from = static_cast<size_t>(at), wanted = static_cast<size_t>(size);
  const size_t have = from >= content.size() ? 0 : std::min(wanted, content.size() - from);
  std::memcpy(to, content.data() + std::min(from, content.size()), have);
  if (have == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + have, 0, wanted - have);
  return SQLITE_IOERR_SHORT_READ;
}

int note(sqlite3_file* handle, Write write, int problem) {
  Guard guard(of(handle).disk->mutex);
  DiskFile& file = disk_file(handle);
  const Parts::Power power = of(handle).disk->draw();
  if (power == Parts::Power::kOff) return problem;
  // The write during which power fails is among those that may be there, or a part of it.
  if (power == Parts::Power::kOn) write_into(write, file.content);
  file.unsynced.push_back(std::move(write));
  return power == Parts::Power::kOn ? SQLITE_OK : problem;
}

int write_file(sqlite3_file* handle, const void* bytes, int size, sqlite3_int64 at) {
  return note(handle,
              {static_cast<uint64_t>(at),
               std::string(static_cast<const char*>(bytes), static_cast<size_t>(size)), false},
              SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* handle, sqlite3_int64 size) {
  return note(handle, {static_cast<uint64_t>(size), "", true}, SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* handle, int) {
  Guard guard(of(handle).disk->mutex);
  if (!of(handle).disk->change()) return SQLITE_IOERR_FSYNC;
  DiskFile& file = disk_file(handle);
  file.durable = file.content;
  file.unsynced.clear();
  file.name_durable = true;  // SQLite syncs the folder of a new log
  return SQLITE_OK;
}

int file_size(sqlite3_file* handle, sqlite3_int64* size) {
  Guard guard(of(handle).disk->mutex);
  *size = static_cast<sqlite3_int64>(disk_file(handle).content.size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file* handle, int level) {
  Guard guard(of(handle).disk->mutex);
  DiskFile& file = disk_file(handle);
  int& lock = of(handle).lock;
  if (lock >= level) return SQLITE_OK;
  const bool others_exclusive = file.exclusive != nullptr && file.exclusive != handle;
  const bool others_reserved = file.reserved != nullptr && file.reserved != handle;
  if (others_exclusive || (level >= SQLITE_LOCK_RESERVED && others_reserved)) return SQLITE_BUSY;
  if (lock == SQLITE_LOCK_NONE) ++file.shared;
  lock = std::max(lock, SQLITE_LOCK_SHARED);
  if (level >= SQLITE_LOCK_RESERVED) file.reserved = handle;
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    if (file.shared > 1) return SQLITE_BUSY;
    file.exclusive = handle;
  }
  lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* handle, int* result) {
  Guard guard(of(handle).disk->mutex);
  *result = disk_file(handle).reserved != nullptr;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
// Torn writes harm nothing but their own bytes: what SQLite assumes of disks by default.
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int shm_map(sqlite3_file* handle, int region, int size, int extend, void volatile** to) {
  Guard guard(of(handle).disk->mutex);
  auto& shm = disk_file(handle).shm;
  *to = nullptr;
  if (size != 32768) return SQLITE_IOERR_SHMMAP;
  if (static_cast<size_t>(region) >= shm.size() && !extend) return SQLITE_OK;
  while (static_cast<size_t>(region) >= shm.size()) {
    shm.push_back(std::make_unique<std::array<char, 32768>>());
  }
  *to = shm[static_cast<size_t>(region)]->data();
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* handle, int offset, int count, int flags) {
  Guard guard(of(handle).disk->mutex);
  DiskFile& file = disk_file(handle);
  OpenFile& open = of(handle);
  for (int i = offset; i < offset + count; ++i) {
    const unsigned bit = 1u << i;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) continue;
    const bool other = file.shm_exclusive[i] != nullptr && file.shm_exclusive[i] != handle;
    const int readers = file.shm_shared[i] - ((open.shm_shared & bit) != 0 ? 1 : 0);
    if (other || ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && readers > 0)) return SQLITE_BUSY;
  }
  for (int i = offset; i < offset + count; ++i) {
    const unsigned bit = 1u << i;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      if ((open.shm_shared & bit) != 0) --file.shm_shared[i];
      if (file.shm_exclusive[i] == handle) file.shm_exclusive[i] = nullptr;
      open.shm_shared &= ~bit;
    } else if ((flags & SQLITE_SHM_SHARED) != 0) {
      if ((open.shm_shared & bit) == 0) ++file.shm_shared[i];
      open.shm_shared |= bit;
    } else {
      file.shm_exclusive[i] = handle;
    }
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* handle) { Guard guard(of(handle).disk->mutex); }

int shm_unmap(sqlite3_file* handle, int remove) {
  Guard guard(of(handle).disk->mutex);
  DiskFile& file = disk_file(handle);
  for (int i = 0; i < SQLITE_SHM_NLOCK; ++i) {
    if ((of(handle).shm_shared & (1u << i)) != 0) --file.shm_shared[i];
    if (file.shm_exclusive[i] == handle) file.shm_exclusive[i] = nullptr;
  }
  of(handle).shm_shared = 0;
  if (remove) file.shm.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {.iVersion = 2,
                                     .xClose = close_file,
                                     .xRead = read_file,
                                     .xWrite = write_file,
                                     .xTruncate = truncate_file,
                                     .xSync = sync_file,
                                     .xFileSize = file_size,
                                     .xLock = lock_file,
                                     .xUnlock = unlock,
                                     .xCheckReservedLock = check_reserved,
                                     .xFileControl = file_control,
                                     .xSectorSize = sector_size,
                                     .xDeviceCharacteristics = characteristics,
                                     .xShmMap = shm_map,
                                     .xShmLock = shm_lock,
                                     .xShmBarrier = shm_barrier,
                                     .xShmUnmap = shm_unmap,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

Parts& parts_of(sqlite3_vfs* vfs) { return *static_cast<Parts*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags, int* out) {
  Parts& disk = parts_of(vfs);
  Guard guard(disk.mutex);
  OpenFile& open = of(handle);
  open.base.pMethods = nullptr;
  if (disk.off) return SQLITE_CANTOPEN;
  auto found = name == nullptr ? disk.files.end() : disk.files.find(name);
  std::shared_ptr<DiskFile> file;
  if (found != disk.files.end() && !found->second->removed) {
    file = found->second;
  } else {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    if (!disk.change()) return SQLITE_CANTOPEN;
    file = std::make_shared<DiskFile>();
    if (name != nullptr) disk.files[name] = file;
    // The ledger makes the name of its file durable itself.
    file->name_durable = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  }
  open.base.pMethods = &kMethods;
  open.disk = &disk;
  open.file = new std::shared_ptr<DiskFile>(std::move(file));
  open.lock = SQLITE_LOCK_NONE;
  open.shm_shared = open.shm_exclusive = 0;
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  Parts& disk = parts_of(vfs);
  Guard guard(disk.mutex);
  if (!disk.change()) return SQLITE_IOERR_DELETE;
  const auto found = disk.files.find(name);
  if (found == disk.files.end() || found->second->removed) return SQLITE_IOERR_DELETE_NOENT;
  if (sync_folder || !found->second->name_durable) {
    disk.files.erase(found);
  } else {
    found->second->removed = true;  // comes back if power fails now
  }
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* result) {
  Parts& disk = parts_of(vfs);
  Guard guard(disk.mutex);
  const auto found = disk.files.find(name);
  *result = found != disk.files.end() && !found->second->removed;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

uint64_t next_of(uint64_t& state) {
  state += 0x9E3779B97F4A7C15;
  uint64_t mixed = state;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
  return mixed ^ mixed >> 31;
}

}  // namespace

ForgetfulDisk::ForgetfulDisk(const std::string& name) : parts_(std::make_unique<Parts>()) {
  parts_->name = name;
  sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = parts_->vfs;
  vfs = *usual;  // time, chance, sleep
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.pNext = nullptr;
  vfs.zName = parts_->name.c_str();
  vfs.pAppData = parts_.get();
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_name;
  sqlite3_vfs_register(&vfs, 0);
}

ForgetfulDisk::~ForgetfulDisk() { sqlite3_vfs_unregister(&parts_->vfs); }

void ForgetfulDisk::lose_power_at(uint64_t at) {
  parts_->calls = 0;
  parts_->off_at = at;
}

uint64_t ForgetfulDisk::calls() const { return parts_->calls; }

void ForgetfulDisk::restart(uint64_t seed) {
  Guard guard(parts_->mutex);
  uint64_t dice = seed;
  for (auto file = parts_->files.begin(); file != parts_->files.end();) {
    DiskFile& found = *file->second;
    if (!found.name_durable && next_of(dice) % 2 == 0) {
      file = parts_->files.erase(file);
      continue;
    }
    auto fresh = std::make_shared<DiskFile>();
    fresh->name_durable = true;
    fresh->durable = found.durable;
    // How much survives: none, all, the beginning, or any of them; and the last of it torn.
    const uint64_t manner = next_of(dice) % 4;
    const uint64_t kept = found.unsynced.empty() ? 0 : next_of(dice) % (found.unsynced.size() + 1);
    for (size_t i = 0; i < found.unsynced.size(); ++i) {
      Write write = found.unsynced[i];
      const bool last = i + 1 == found.unsynced.size() || (manner == 2 && i + 1 == kept);
      const bool survives =
          manner == 1 || (manner == 2 && i < kept) || (manner == 3 && next_of(dice) % 2 == 0);
      if (!survives) continue;
      if (last && !write.truncate && next_of(dice) % 2 == 0) {
        write.bytes.resize(next_of(dice) % (write.bytes.size() + 1));
      }
      write_into(write, fresh->durable);
    }
    fresh->content = fresh->durable;
    file->second = fresh;
    ++file;
  }
  parts_->off = false;
  parts_->off_at = 0;
  parts_->calls = 0;
}

}  // namespace stanch::faults
