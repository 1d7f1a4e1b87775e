"""Puts a program into a wheel's scripts: `wheel_program.py WHEEL PROGRAM`. maturin packs a module or programs, not both."""

import base64
import hashlib
import os
import pathlib
import sys
import zipfile

wheel, program = map(pathlib.Path, sys.argv[1:])
name = "-".join(wheel.name.split("-")[:2])
place = f"{name}.data/scripts/{program.name}"
record = f"{name}.dist-info/RECORD"
content = program.read_bytes()
digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()

beside = wheel.with_suffix(".incoming")
with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as new:
    for entry in old.infolist():
        if entry.filename != record:
            new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED)
    added = zipfile.ZipInfo(place, (1980, 1, 1, 0, 0, 0))
    added.external_attr = 0o100755 << 16
    new.writestr(added, content, zipfile.ZIP_DEFLATED)
    lines = old.read(record).decode() + f"{place},sha256={digest},{len(content)}\n"
    new.writestr(old.getinfo(record), lines, zipfile.ZIP_DEFLATED)
os.replace(beside, wheel)
