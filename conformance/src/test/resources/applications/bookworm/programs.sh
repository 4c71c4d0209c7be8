# What execve makes of files: scripts, depth, blanks, errors, sizes.
cd /tmp || exit
printf '#!/bin/echo  one two  \nrest\n' > s1; printf '#!  /tmp/s1 arg\n' > s2; chmod +x s1 s2
./s1 a b; ./s2 c
for i in 0 1 2 3 4 5 6 7; do
  if [ $i = 0 ]; then echo '#!/bin/echo' > n0; else echo "#!/tmp/n$((i - 1))" > n$i; fi; chmod +x n$i
done
exec_perl() { perl -e 'exec { $ARGV[0] } @ARGV; print "$ARGV[0]: ", $! + 0, "\n"' "$@"; }
for i in 3 4 5 6 7; do exec_perl /tmp/n$i z; done
printf '#!\n' > e1; printf '#!/nonexistent\n' > e2; : > e3; printf 'text\n' > e4; printf '#!/tmp\n' > e5
printf '#!/bin/true' > e6; head -c 300 /bin/true > e7; printf '\177ELF' > e8; printf '#! \t \n' > e9
for i in 1 2 3 4 5 6 7 8 9; do chmod +x e$i; exec_perl /tmp/e$i x; done
cp /bin/true arm; printf '\267' | dd of=arm bs=1 seek=18 conv=notrunc 2>/dev/null; exec_perl /tmp/arm
cp /bin/true phnum; printf '\0\0' | dd of=phnum bs=1 seek=56 conv=notrunc 2>/dev/null; exec_perl /tmp/phnum
exec_perl /tmp; exec_perl /etc/passwd; exec_perl /nonexistent; exec_perl /etc/passwd/x
exec_perl /bin/true "$(head -c 131071 /dev/zero | tr '\0' a)"; echo $?
exec_perl /bin/true "$(head -c 131072 /dev/zero | tr '\0' a)"; echo $?
(ulimit -s 64; exec_perl /bin/true "$(head -c 100000 /dev/zero | tr '\0' a)"); echo $?
LD_SHOW_AUXV=1 /bin/true | awk '{ print $1 }' | grep -v -e RSEQ -e '??' -e '^AT_[0-9]'
LD_SHOW_AUXV=1 /bin/true | grep -e PAGESZ -e CLKTCK -e PHENT -e 'AT_.*ID' -e SECURE -e PLATFORM -e EXECFN
printf '#!/bin/sh\necho "$0" "$@"\n' > s3; chmod +x s3; ./s3 x; PATH=/tmp s3 y; sh -c 'exec -a other ./s3 z' 2>/dev/null
cat /proc/self/comm; sh -c 'cat /proc/$$/comm'; readlink /proc/self/exe
cp /bin/sleep own; ./own 5 & sleep 0.3; echo x 2>/dev/null > own; echo "busy $?"; kill $!; wait $! 2>/dev/null; echo x > own; echo "free $?"
