trap 'echo got USR1' USR1
kill -USR1 $$
echo after
trap 'echo exiting' EXIT
(trap 'echo sub exit' EXIT; exit 4)
echo "sub $?"
trap '' TERM
kill -TERM $$
echo survived
sh -c 'kill -KILL $$'
echo "status $?"
sh -c 'kill -SEGV $$' 2>/dev/null
echo "status $?"
trap 'echo int; exit 5' INT
kill -INT $$
echo not reached
