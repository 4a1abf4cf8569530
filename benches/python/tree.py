"""What programs/tree.rs does, in Python: python3 tree.py walk|glob|copy|remove PATH [TO]."""

import glob
import os
import shutil
import sys

what, path, *to = sys.argv[1:]
totals = [0, 0]
if what == "walk":
    for dirpath, _, filenames in os.walk(path):
        for name in filenames:
            totals[0] += 1
            totals[1] += os.lstat(os.path.join(dirpath, name)).st_size
elif what == "glob":
    totals[0] = len(glob.glob(f"{path}/**/*.txt", recursive=True))
elif what == "copy":
    shutil.copytree(path, to[0])
else:
    shutil.rmtree(path)
print(totals)
