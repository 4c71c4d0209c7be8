# Actions, masks, waiting and sending, by way of perl's POSIX module.
perl -MPOSIX -e '
  $| = 1;
  my @got;
  my $set = sub { my ($s, $flags) = @_;
    sigaction($s, POSIX::SigAction->new(sub { push @got, $_[0] }, POSIX::SigSet->new, $flags)) };
  $set->($_, 0) for SIGUSR1, SIGUSR2, SIGALRM, SIGHUP;
  kill USR1 => $$; print "@got\n"; @got = ();
  my $mask = POSIX::SigSet->new(SIGUSR1, SIGUSR2, SIGHUP); my $old = POSIX::SigSet->new;
  sigprocmask(SIG_BLOCK, $mask, $old);
  kill $_ => $$ for qw(USR2 USR1 USR1 HUP);
  my $pending = POSIX::SigSet->new; sigpending($pending);
  print join(" ", map { $pending->ismember($_) } SIGUSR1, SIGUSR2, SIGHUP, SIGTERM), "\n";
  sigprocmask(SIG_SETMASK, $old); print join(" ", sort @got), "\n"; @got = ();
  my $begin = time; alarm 1; pause; print "@got ", time - $begin >= 1 ? "late" : "early", "\n"; @got = ();
  sigprocmask(SIG_BLOCK, $mask); kill USR1 => $$; sigsuspend(POSIX::SigSet->new); print "@got $!\n";
'
for s in TERM KILL SEGV ABRT PIPE USR1 RTMIN RTMAX; do sh -c "kill -$s \$\$; echo not reached"; echo "$s $?"; done 2>/dev/null
sleep 30 & kill -STOP $!; kill -TERM $!; sed -n 's/^State:.//p' /proc/$!/status; kill -CONT $!; wait $! 2>/dev/null; echo $?
perl -MPOSIX=:sys_wait_h -e '
  my $child = fork // die; if (!$child) { sleep 30; exit 1 }
  kill STOP => $child; waitpid($child, WUNTRACED); my $s = ${^CHILD_STATUS_NATIVE}; print WIFSTOPPED($s) ? "stopped " . WSTOPSIG($s) : "?", "\n";
  kill CONT => $child; kill KILL => $child; waitpid($child, 0); print "killed ", WTERMSIG(${^CHILD_STATUS_NATIVE}), "\n";
'
trap '' USR1; sh -c 'kill -USR1 $$; echo ignored stays ignored'; trap - USR1
trap 'echo usr2' USR2; (kill -USR2 $$); trap - USR2
perl -e 'local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; eval { read(STDIN, my $x, 1) if pipe(STDIN, W); }; print $@'
perl -e 'print kill(0, $$) ? "alive" : "gone", " ", kill(0, 29999) ? "alive" : "gone ($!)", "\n"'
kill -l 11; kill -0 $$; echo $?; kill -99 $$ 2>/dev/null; echo $?
awk '/^Sig(Blk|Ign|Cgt)|^ShdPnd/ { print $1 }' /proc/self/status
(ulimit -i 2>/dev/null; exit 0) > /dev/null; echo $?
