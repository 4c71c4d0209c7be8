mkdir /tmp/g && cd /tmp/g
touch a.c b.c c.h .hidden 'with space' '[x]'
echo *.c
echo ?.h
echo *
echo .h*
echo [ab].c
for f in *; do echo "($f)"; done
echo nothing*matches
set -f
echo *
