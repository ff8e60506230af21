#include "env/system_error.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace stanch::env {
namespace {

struct Row {
  int number;
  ErrorCode code;
  std::string_view words;
};

constexpr Row kRows[] = {
    {ENOENT, ErrorCode::kNotFound, "no such file or folder"},
    {ENOTDIR, ErrorCode::kNotFound, "a part of the path is not a folder"},
    {EACCES, ErrorCode::kDenied, "permission denied"},
    {EPERM, ErrorCode::kDenied, "operation not permitted"},
    {EROFS, ErrorCode::kDenied, "the file system is read-only"},
    {EPIPE, ErrorCode::kDenied, "nobody reads the other end any more"},
    {EEXIST, ErrorCode::kConflict, "it exists already"},
    {ENOTEMPTY, ErrorCode::kConflict, "the folder is not empty"},
    {EBUSY, ErrorCode::kConflict, "it is in use"},
    {ETXTBSY, ErrorCode::kConflict, "it is in use"},
    {EISDIR, ErrorCode::kInvalid, "it is a folder"},
    {EINVAL, ErrorCode::kInvalid, "not possible with this kind of file"},
    {ELOOP, ErrorCode::kInvalid, "too many symbolic links"},
    {ENAMETOOLONG, ErrorCode::kInvalid, "the name is too long"},
    {EXDEV, ErrorCode::kInvalid, "it would move to another file system"},
    {EFBIG, ErrorCode::kInvalid, "the file is too large"},
    {ENXIO, ErrorCode::kInvalid, "there is no such device"},
    {ENOSPC, ErrorCode::kUnavailable, "no space left on the device"},
    {EDQUOT, ErrorCode::kUnavailable, "the disk quota is used up"},
    {EMFILE, ErrorCode::kUnavailable, "too many open files"},
    {ENFILE, ErrorCode::kUnavailable, "too many open files in the system"},
    {ENOMEM, ErrorCode::kUnavailable, "out of memory"},
    {EIO, ErrorCode::kCorrupt, "input/output error"},
};

std::string cannot(std::string_view doing, std::string_view object) {
  std::string text = "cannot ";
  text.append(doing).append(" ");
  for (char c : object) text += (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) ? '?' : c;
  return text += ": ";
}

}  // namespace

Error system_error(int number, std::string_view doing, std::string_view object) {
  std::string text = cannot(doing, object);
  for (const Row& row : kRows) {
    if (row.number == number) return Error(row.code, text.append(row.words));
  }
  return Error(ErrorCode::kUnavailable, text + std::generic_category().message(number));
}

Error shorter_than_kept(std::string_view path, uint64_t size, uint64_t keep) {
  return Error(ErrorCode::kCorrupt, cannot("append to", path) + "it holds " + std::to_string(size) +
                                        " bytes where " + std::to_string(keep) +
                                        " were kept; it was cut or replaced");
}

}  // namespace stanch::env
