"""
Makes the files that tree-spec.ts describes: Node.js makes no devices, sets no extended attributes and no times in nanoseconds.

Standard input: JSON, {"changes": [ChangeSpec], "root": bool, "files": [FileSpec]}. The argument is the folder, which exists. With
"root", the first file's owner, mode and time become the folder's own, too.
"""

import json
import os
import shutil
import stat
import sys

base = os.fsencode(sys.argv[1])
spec = json.load(sys.stdin)


def filled(file, size):
    return bytes((file["filling"] + at * 7) % 256 for at in range(256)) * (size // 256) + b"z" * (size % 256)


def make(path, file, files):
    kind = file["kind"]
    if kind == "folder":
        os.mkdir(path)
    elif kind == "symlink":
        os.symlink(file["leadsTo"].encode("latin-1"), path)
    elif kind == "hardlink" and files:
        os.link(files[file["links"] % len(files)], path, follow_symlinks=False)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "character-device":
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    elif kind == "block-device":
        os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(7, 200))
    else:
        with open(path, "wb") as content:
            content.write(filled(file, file["size"]))
            if kind == "holes":
                content.seek(1 << 20, os.SEEK_CUR)
                content.write(b"between")
                content.truncate(content.tell() + (1 << 20))


def finish(path, file):
    """In an order in which nothing undoes what was done: a change of the owner clears set-user-id and capabilities."""
    kind = os.lstat(path).st_mode
    os.chown(path, file["owner"], file["group"], follow_symlinks=False)
    if not stat.S_ISLNK(kind):
        os.chmod(path, file["mode"])
    for name, value in file["attributes"].items():
        plain = stat.S_ISREG(kind) or stat.S_ISDIR(kind)
        if not plain or (name == "security.capability" and not stat.S_ISREG(kind)):
            continue
        os.setxattr(path, name, bytes.fromhex(value))
    modified = int(file["modified"])
    os.utime(path, ns=(modified, modified), follow_symlinks=False)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def change(what, path):
    if not os.path.lexists(path):
        return
    plain = os.path.isfile(path) and not os.path.islink(path)
    if what in ("remove", "file", "folder"):
        remove(path)
    if what == "file":
        with open(path, "wb") as file:
            file.write(b"another")
    elif what == "folder":
        os.mkdir(path)
        with open(path + b"/new", "wb") as file:
            file.write(b"in a folder that was made anew")
    elif what == "append" and plain:
        with open(path, "ab") as file:
            file.write(b"more")
    elif what == "touch":
        os.utime(path, ns=(1, 1234567890123456789), follow_symlinks=False)
    elif what == "mode" and not os.path.islink(path):
        os.chmod(path, 0o2710)
    elif what == "owner":
        os.chown(path, 4242, 2424, follow_symlinks=False)
    elif what == "attribute" and not os.path.islink(path):
        os.setxattr(path, "user.changed", b"yes")
    elif what == "link" and plain and not os.path.lexists(path + b"-again"):
        os.link(path, path + b"-again")


for each in spec["changes"]:
    change(each["what"], base + b"/" + each["path"].encode())
folders, files, made = [base], [], []
for file in spec["files"]:
    path = folders[file["folder"] % len(folders)] + b"/" + file["name"].encode("latin-1")
    make(path, file, files)
    if file["kind"] == "folder":
        folders.append(path)
    if file["kind"] in ("file", "holes"):
        files.append(path)
    if file["kind"] != "hardlink" or not files:
        made.append((path, file))
for path, file in reversed(made):
    finish(path, file)
if spec["root"]:
    finish(base, {**spec["files"][0], "attributes": {}})
