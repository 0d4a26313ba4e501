"""Known vulnerabilities in what is installed: fails if there is one, and says so where no source answers."""

import json
import subprocess
import sys

ASKED = ["--local", "--progress-spinner", "off", "--format", "json"]


def main() -> int:
    done = subprocess.run([sys.executable, "-m", "pip_audit", *ASKED], capture_output=True, text=True)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("NOT AUDITED: no advisory source answered.", done.stderr.strip()[-500:])
        return 0
    known = [one for one in packages if "skip_reason" not in one]
    if not known:
        print(f"NOT AUDITED: the advisory source knows none of the {len(packages)} packages.")
        return 0
    print(f"{len(known)} of {len(packages)} installed packages audited.")
    for one in known:
        for hole in one["vulns"]:
            mended = ", ".join(hole["fix_versions"]) or "no version yet"
            print(f"{one['name']} {one['version']}: {hole['id']}, mended in {mended}")
    return int(any(one["vulns"] for one in known))


if __name__ == "__main__":
    sys.exit(main())
