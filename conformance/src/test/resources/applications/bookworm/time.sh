# Clocks and sleeps; no figures that differ from run to run.
perl -MTime::HiRes -e 'print 1' > /dev/null 2>&1; a=$(date +%s%N); sleep 0.2; b=$(date +%s%N)
[ $((b - a)) -ge 200000000 ] && [ $((b - a)) -lt 2000000000 ] && echo slept
perl -e 'my $last = 0; my $back = 0; for (1 .. 20000) { my $t = time; $back++ if $t < $last; $last = $t } print "back $back\n"'
perl -e '
  require "syscall.ph" if 0; my ($last, $back) = (0, 0);
  for (1 .. 5000) { my $ts = "\0" x 16; syscall(228, 1, $ts) == 0 or die; my ($s, $n) = unpack("qq", $ts);
    my $t = $s * 1e9 + $n; $back++ if $t < $last; $last = $t } print "monotonic back $back\n"'
perl -e 'for my $c (0 .. 11, 99) { my $ts = "\0" x 16; my $r = syscall(229, $c, $ts); print "$c $r ", $r ? $! + 0 : 0, "\n" }'
perl -e 'my $ts = pack("qq", 0, 2e9); print syscall(35, $ts, 0), " ", $! + 0, "\n"; print syscall(35, 16, 0), " ", $! + 0, "\n"'
perl -e 'my $ts = pack("qq", 0, 1000); print syscall(230, 1, 1, $ts, 0), "\n"; print syscall(230, 77, 0, $ts, 0), " ", $! + 0, "\n"'
perl -e '$SIG{ALRM} = sub {}; alarm 5; print alarm(0), "\n"; alarm 1; my $left = sleep 10; print $left <= 2 ? "woken\n" : "slept\n"'
timeout 0.2 sleep 10; echo $?
date -u -d @86400 +%F; date -d '2020-02-29 +1 year' +%F
(TIMEFORMAT=%R; time sleep 0) 2>&1 | cut -c1-2
perl -e 'my ($u, $s) = times; for (my $i = 0; $i < 3e6; $i++) {} my ($v) = times; print $v > $u ? "cpu time passes\n" : "?\n"'
