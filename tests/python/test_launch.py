"""`gain run`: output, arguments, settings, and scripts that still say `import numpy`."""

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.starts_ranks

GAIN = pathlib.Path(sys.executable).parent / "gain"


def run(folder, script, *arguments, options=(), env=None, cwd=None):
    """Standard output of a script that must succeed."""
    file = folder / "script.py"
    file.write_text(textwrap.dedent(script))
    ours = ("PMI", "OMPI_", "PMIX_", "GAIN_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [GAIN, "run", *options, file, *arguments], capture_output=True, text=True, timeout=120, env=clean | (env or {}), cwd=cwd,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_only_rank_0_is_heard(tmp_path):
    """Unless all are asked for."""
    script = "import os, gain\nos.write(1, b'rank %d\\n' % gain._gain.rank())\n"
    assert run(tmp_path, script, options=["-n", "3"]) == "rank 0\n"
    everyone = run(tmp_path, script, options=["-n", "3", "--all-output"])
    assert sorted(everyone.split("\n")) == ["", "rank 0", "rank 1", "rank 2"]


@pytest.mark.parametrize("options", [[], ["-n", "2"]])
def test_arguments_are_the_scripts(tmp_path, options):
    """Those that look like gain's own too."""
    script = "import sys, gain\nprint(sys.argv[1:], __name__, __file__ == sys.argv[0])\n"
    assert run(tmp_path, script, "-n", "5", "--threads", "x", options=options) == "['-n', '5', '--threads', 'x'] __main__ True\n"


def test_threads_share_the_cores(tmp_path):
    """Unless they are given."""
    script = "import os, gain\nprint(os.environ['GAIN_NUM_THREADS'], os.environ['PYTHONHASHSEED'])\n"
    cores = len(os.sched_getaffinity(0))
    assert run(tmp_path, script) == f"{cores} 0\n"
    assert run(tmp_path, script, options=["-n", "2"]) == f"{max(1, cores // 2)} 0\n"
    assert run(tmp_path, script, options=["-n", "2", "--threads", "3"]) == "3 0\n"
    assert run(tmp_path, script, env={"GAIN_NUM_THREADS": "7"}) == "7 0\n"


def test_more_ranks_than_cores(tmp_path):
    """They take turns."""
    n = len(os.sched_getaffinity(0)) + 3
    script = "import gain as np\nprint(float(np.arange(100_000.0).sum()))\n"
    assert run(tmp_path, script, options=["-n", str(n)]) == "4999950000.0\n"


def test_a_script_that_says_numpy_gets_gain(tmp_path):
    """In all ways of saying it, in the script and in modules beside it; not in NumPy or in installed packages."""
    (tmp_path / "beside.py").write_text("import numpy as np\nfrom numpy import ones\nmade = ones(3)\n")
    script = """\
        import numpy
        import numpy as np
        import numpy.linalg
        from numpy import arange, float64
        import beside
        import collections, json
        a = np.arange(10)
        print(np.__name__, numpy is np, type(a) is np.ndarray, float64 is np.float64)
        print(type(beside.made) is type(a), arange is np.arange, a.sum())
        import sys
        real = sys.modules["numpy"]
        print(real.__name__, type(real.ones(2)) is type(a), type(real.ones(2)).__module__)
    """
    assert run(tmp_path, script) == "gain True True True\nTrue True 45\nnumpy False numpy\n"
    kept = "import numpy as np\nprint(np.__name__)\n"
    assert run(tmp_path, kept, options=["--keep-numpy"]) == "numpy\n"
    both = "import gain\nimport numpy\nprint(gain.__name__, numpy.__name__)\n"
    assert run(tmp_path, both) == "gain numpy\n"


@pytest.mark.parametrize("n_ranks", ["1", "3"])
def test_files_of_a_script_are_made_and_removed_once(tmp_path, n_ranks):
    """As one program does, whatever the ranks' speed, in a folder of all ranks and in one of each rank's own."""
    script = """\
        import os, pathlib, pickle, shutil, tempfile, time
        import numpy as np
        for folder in ("shared", tempfile.mkdtemp()):
            folder = pathlib.Path(folder, "made")
            folder.mkdir(parents=True)
            with open(folder / "a.bin", "wb") as file:
                time.sleep(0.02 * (os.getpid() % 5))
                pickle.dump(np.arange(4), file)
                np.arange(3.0).tofile(file)
            with open(folder / "a.bin", "rb") as file:
                print(pickle.load(file), np.fromfile(file, count=2), file.name == str(folder / "a.bin"))
            with open(folder / "a.bin", "r+b") as file:
                file.write(b"ab")
            with (folder / "a.bin").open("ab") as file:
                print(file.tell() == os.path.getsize(folder / "a.bin"), file.write(b"cd"))
            print((folder / "a.bin").read_bytes()[:2], (folder / "a.bin").read_bytes()[-2:], (folder / "t").write_text("1 2"), np.loadtxt(folder / "t"))
            for act in (folder.mkdir, lambda: open(folder / "t", "x"), lambda: os.rmdir(folder), (folder / "none").unlink, lambda: open(folder / "none")):
                try:
                    act()
                except OSError as error:
                    print(type(error).__name__, end=" ")
            os.rename(folder / "t", folder / "u")
            print(sorted(os.listdir(folder)))
            if os.path.exists(folder / "u"):
                os.remove(folder / "u")
            shutil.rmtree(folder)
            print(folder.exists(), os.path.isdir(folder.parent))
    """
    once = """\
        [0 1 2 3] [0. 1.] True
        True 2
        b'ab' b'cd' 3 [1. 2.]
        FileExistsError FileExistsError OSError FileNotFoundError FileNotFoundError ['a.bin', 'u']
        False True
    """
    assert run(tmp_path, script, options=["-n", n_ranks], cwd=tmp_path) == textwrap.dedent(once) * 2


def test_files_of_threads_are_no_meeting(tmp_path):
    """Threads come to their files in any order, another on each rank."""
    script = """\
        import concurrent.futures, os, random, tempfile, time
        import numpy as np
        folder = tempfile.mkdtemp()
        def write(n):
            time.sleep(0.01 * random.random())
            with open(os.path.join(folder, str(n)), "w") as file:
                file.write(str(n))
            return os.path.exists(os.path.join(folder, str(n)))
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            print(all(threads.map(write, range(16))), np.arange(20000.0).sum(), len(os.listdir(folder)))
    """
    assert run(tmp_path, script, options=["-n", "3"]) == "True 199990000.0 16\n"


def test_a_warning_is_printed_once(tmp_path):
    """Though all ranks warn."""
    (tmp_path / "script.py").write_text("import numpy, warnings\nwarnings.warn('mine')\n")
    done = subprocess.run([GAIN, "run", "-n", "3", tmp_path / "script.py"], capture_output=True, text=True, timeout=60)
    assert done.stderr.count("UserWarning: mine") == 1, done.stderr


def test_the_old_name(tmp_path):
    """`ga.gain` is gain."""
    assert run(tmp_path, "import ga.gain as numpy\nimport gain\nprint(numpy.arange is gain.arange)\n") == "True\n"


def test_a_module_runs_as_with_python(tmp_path):
    """`gain run -m` finds it from the current folder."""
    (tmp_path / "program.py").write_text("import sys, gain\nprint(__name__, sys.argv[1:])\n")
    done = subprocess.run([GAIN, "run", "-m", "program", "-x"], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.stdout == "__main__ ['-x']\n", done.stderr


def test_info_and_explain(tmp_path):
    """The other words that run gain."""
    told = subprocess.run([GAIN, "info", "-n", "2", "--json"], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    script = tmp_path / "script.py"
    script.write_text("import gain as np\na = np.ones((500, 500))\nb = 2.0 * a + 1.0\nprint(float(b.sum()))\n")
    told = subprocess.run([GAIN, "explain", "-n", "2", script], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("750000.0\n"), told.stdout
    assert "byte" in told.stdout, told.stdout


@pytest.mark.parametrize("n_ranks", ["1", "2"])
def test_what_is_assigned_is_not_stored(tmp_path, n_ranks):
    """A loop of updates makes no array of its own: the temporary that is assigned is gone when its statement runs."""
    plans = tmp_path / "plans"
    run(tmp_path, """
        import gain as np
        u = np.ones((300, 200))
        for _ in range(20):
            u[1:-1] = (u[:-2] + u[2:]) * 0.5
        np.sync()
    """, options=["-n", n_ranks], env={"GAIN_EXPLAIN": str(plans)})
    text = "".join(file.read_text() for file in tmp_path.glob("plans*"))
    made = [line for line in text.splitlines() if "make slot" in line]
    assert made and not any("298" in line for line in made), made


def test_a_missing_script_is_named(tmp_path):
    """Before anything starts."""
    done = subprocess.run([GAIN, "run", tmp_path / "none.py"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "none.py" in done.stderr
