#include "env/sim/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace stanch::env::sim {
namespace {

using testing::ElementsAre;

void write(Disk& disk, const std::string& path, std::string_view bytes, bool sync) {
  Inode file = disk.create(path).value();
  disk.append(file, bytes);
  if (sync) disk.sync(file);
}

std::string text_of(const Disk& disk, const std::string& path) {
  auto file = disk.open(path);
  return file ? std::string(disk.bytes(*file)) : "(none)";
}

// What becomes of `path`, over many seeds.
template <typename Story>
std::set<std::string> fates(const Story& story, const std::string& path,
                            CrashKind kind = CrashKind::kPowerLost) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Disk disk;
    story(disk);
    Dice dice(seed, 0);
    disk.crash(kind, dice);
    seen.insert(text_of(disk, path));
  }
  return seen;
}

TEST(SimDisk, PathsAreResolved) {
  EXPECT_THAT(parts_of("/a//./b/../c/"), ElementsAre("a", "c"));
  EXPECT_THAT(parts_of("../a"), ElementsAre("a"));
  EXPECT_THAT(parts_of("/"), ElementsAre());
}

TEST(SimDisk, BehavesLikeAFileSystem) {
  Disk disk;
  ASSERT_TRUE(disk.make_folders("a/b"));
  write(disk, "a/b/f", "one", false);
  EXPECT_EQ(text_of(disk, "/a/./b/f"), "one");
  EXPECT_EQ(disk.status("a/b/f").value().size, 3u);
  EXPECT_EQ(disk.status("a/b").value().kind, FileKind::kFolder);
  disk.append(disk.open_append("a/b/f", 1).value(), "ld");
  EXPECT_EQ(text_of(disk, "a/b/f"), "old");
  ASSERT_TRUE(disk.rename("a/b/f", "a/g"));
  EXPECT_THAT(disk.list("a").value(), ElementsAre("b", "g"));
  EXPECT_THAT(disk.all_files(), ElementsAre("/a/g"));
  ASSERT_TRUE(disk.rename("a/b", "c"));
  ASSERT_TRUE(disk.remove("c"));
  EXPECT_THAT(disk.list("/").value(), ElementsAre("a"));
}

TEST(SimDisk, ErrorsAreThoseOfTheRealOne) {
  Disk disk;
  ASSERT_TRUE(disk.make_folders("folder/inner"));
  disk.put("file", "x");
  auto drop = [](auto result) -> Result<> {
    if (!result) return std::move(result).error();
    return {};
  };
  struct Case {
    std::string_view name;
    Result<> result;
    ErrorCode code;
  };
  const Case cases[] = {
      {"open missing", drop(disk.open("no")), ErrorCode::kNotFound},
      {"open empty name", drop(disk.open("")), ErrorCode::kNotFound},
      {"open folder", drop(disk.open("folder")), ErrorCode::kInvalid},
      {"open through a file", drop(disk.open("file/x")), ErrorCode::kNotFound},
      {"status missing", drop(disk.status("no")), ErrorCode::kNotFound},
      {"list a file", drop(disk.list("file")), ErrorCode::kNotFound},
      {"create in missing", drop(disk.create("no/x")), ErrorCode::kNotFound},
      {"create over folder", drop(disk.create("folder")), ErrorCode::kInvalid},
      {"append shorter", drop(disk.open_append("file", 2)), ErrorCode::kCorrupt},
      {"rename missing", disk.rename("no", "x"), ErrorCode::kNotFound},
      {"rename file over folder", disk.rename("file", "folder"), ErrorCode::kInvalid},
      {"rename folder over file", disk.rename("folder", "file"), ErrorCode::kNotFound},
      {"rename folder into itself", disk.rename("folder", "folder/inner/x"), ErrorCode::kInvalid},
      {"remove missing", disk.remove("no"), ErrorCode::kNotFound},
      {"remove full folder", disk.remove("folder"), ErrorCode::kConflict},
      {"remove root", disk.remove("/"), ErrorCode::kConflict},
      {"folder over file", disk.make_folders("file/x"), ErrorCode::kConflict},
      {"sync missing", disk.sync_folder("no"), ErrorCode::kNotFound},
      {"sync a file as folder", disk.sync_folder("file"), ErrorCode::kNotFound},
  };
  for (const Case& c : cases) {
    ASSERT_FALSE(c.result.has_value()) << c.name;
    EXPECT_EQ(c.result.error().code(), c.code) << c.name;
  }
  EXPECT_EQ(text_of(disk, "file"), "x");
}

TEST(SimDisk, UnsyncedBytesSurviveAsATornPrefix) {
  auto story = [](Disk& disk) {
    disk.put("f", "");
    Inode file = disk.open_append("f", 0).value();
    disk.append(file, "ab");
    disk.sync(file);
    disk.append(file, "cd");
    disk.append(file, "ef");
  };
  EXPECT_THAT(fates(story, "f"), ElementsAre("ab", "abc", "abcd", "abcde", "abcdef"));
  EXPECT_THAT(fates(story, "f", CrashKind::kPowerLostWorst), ElementsAre("ab"));
  EXPECT_THAT(fates(story, "f", CrashKind::kKilled), ElementsAre("abcdef"));
}

TEST(SimDisk, UnsyncedCutsMayBeLost) {
  auto story = [](Disk& disk) {
    disk.put("f", "old");
    write(disk, "f", "n", false);
  };
  EXPECT_THAT(fates(story, "f"), ElementsAre("", "n", "old"));
}

TEST(SimDisk, NamesNeedTheirFolderSynced) {
  auto story = [](Disk& disk) { write(disk, "f", "x", true); };
  EXPECT_THAT(fates(story, "f"), ElementsAre("(none)", "x"));
  auto synced = [&](Disk& disk) {
    story(disk);
    ASSERT_TRUE(disk.sync_folder("/"));
  };
  EXPECT_THAT(fates(synced, "f"), ElementsAre("x"));
  auto nested = [&](Disk& disk) {
    ASSERT_TRUE(disk.make_folders("a/b"));
    write(disk, "a/b/f", "x", true);
    ASSERT_TRUE(disk.sync_folder("a/b"));
    ASSERT_TRUE(disk.sync_folder("a"));
  };
  EXPECT_THAT(fates(nested, "a/b/f"), ElementsAre("(none)", "x")) << "a itself was not synced";
}

TEST(SimDisk, ARenameIsNeverHalf) {
  auto story = [](Disk& disk) {
    disk.put("f", "old");
    write(disk, "f.new", "new", true);
    ASSERT_TRUE(disk.rename("f.new", "f"));
  };
  EXPECT_THAT(fates(story, "f"), ElementsAre("new", "old"));
  EXPECT_THAT(fates(story, "f", CrashKind::kPowerLostWorst), ElementsAre("old"));
  auto unsynced = [](Disk& disk) {
    disk.put("f", "old");
    write(disk, "f.new", "new", false);
    ASSERT_TRUE(disk.rename("f.new", "f"));
    ASSERT_TRUE(disk.sync_folder("/"));
  };
  EXPECT_THAT(fates(unsynced, "f"), ElementsAre("", "n", "ne", "new")) << "the classic empty file";
}

TEST(SimDisk, ARenameAcrossFoldersIsNeverHalf) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Disk disk;
    disk.put("a/f", "x");
    disk.put("b/g", "y");
    ASSERT_TRUE(disk.rename("a/f", "b/f"));
    Dice dice(seed, 0);
    disk.crash(CrashKind::kPowerLost, dice);
    EXPECT_NE(text_of(disk, "a/f") == "x", text_of(disk, "b/f") == "x") << seed;
  }
}

TEST(SimDisk, AChangeOfANameNeedsTheOneBefore) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Disk disk;
    disk.put("a", "1");
    ASSERT_TRUE(disk.rename("a", "b"));
    write(disk, "a", "2", true);
    Dice dice(seed, 0);
    disk.crash(CrashKind::kPowerLost, dice);
    seen.insert(text_of(disk, "a") + " " + text_of(disk, "b"));
  }
  EXPECT_THAT(seen, ElementsAre("(none) 1", "1 (none)", "2 1")) << "never 2 without its rename";
}

TEST(SimDisk, SyncingAFolderTakesAlongWhatItsNamesFollowOn) {
  auto story = [](Disk& disk) {
    ASSERT_TRUE(disk.make_folders("a"));
    ASSERT_TRUE(disk.make_folders("b"));
    ASSERT_TRUE(disk.sync_folder("/"));
    write(disk, "a/f", "x", true);
    ASSERT_TRUE(disk.rename("a/f", "b/f"));
    ASSERT_TRUE(disk.sync_folder("b"));
  };
  EXPECT_THAT(fates(story, "a/f"), ElementsAre("(none)")) << "its creation does not come back";
  EXPECT_THAT(fates(story, "b/f"), ElementsAre("x"));
}

TEST(SimDisk, AFailedSyncLosesForGood) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Disk disk;
    disk.put("f", "");
    Dice dice(seed, 0);
    Inode file = disk.open("f").value();
    disk.append(file, "ab");
    disk.fail_sync(file, dice);
    EXPECT_EQ(text_of(disk, "f"), "ab") << "readers still see it";
    disk.append(file, "c");
    disk.sync(file);
    disk.crash(CrashKind::kPowerLostWorst, dice);
    seen.insert(text_of(disk, "f"));
  }
  EXPECT_THAT(seen, ElementsAre(std::string("\0\0c", 3), std::string("a\0c", 3), "abc"));
}

TEST(SimDisk, PutIsDurableEvenOverAFreshName) {
  auto story = [](Disk& disk) {
    write(disk, "d/../f", "mine", false);
    disk.put("f", "theirs");
  };
  EXPECT_THAT(fates(story, "f", CrashKind::kPowerLostWorst), ElementsAre("theirs"));
}

}  // namespace
}  // namespace stanch::env::sim
