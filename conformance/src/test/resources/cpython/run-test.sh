# Runs one module of CPython's regression tests (its name is $1) and prints a line for each case:
# its id, and ok, skipped or failed.
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
cd /tmp
timeout -k 5 400 python3 -m test -v --junit-xml cases.xml "$1" >log 2>&1
status=$?
python3 - <<'E' || tail -n 40 log
import xml.etree.ElementTree as tree
for case in tree.parse("cases.xml").iter("testcase"):
    tags = {child.tag for child in case}
    verdict = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "ok"
    print(case.get("name"), verdict)
E
[ "$status" -le 3 ] || echo "python3 -m test ended with status $status"
