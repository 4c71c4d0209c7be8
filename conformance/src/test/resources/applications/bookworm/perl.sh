# Files, processes, pipes, signals and sockets from perl.
cd /tmp
perl -we '
use strict; use IO::Handle; use POSIX ":sys_wait_h";
my %h = map { $_ => $_ ** 2 } 1 .. 10;
print join(",", map { "$_=$h{$_}" } sort { $a <=> $b } keys %h), "\n";
open(my $f, ">", "file") or die; print $f "line $_\n" for 1 .. 1000; close $f;
open($f, "<", "file"); my $n = () = <$f>; print "$n lines, ", -s "file", " bytes\n";
pipe(my $r, my $w); my $pid = fork;
if (!$pid) { close $r; print $w "from the child\n"; close $w; exit 7 }
close $w; print <$r>; waitpid $pid, 0; print "status ", $? >> 8, "\n";
$SIG{ALRM} = sub { die "alarm\n" }; alarm 1; eval { select undef, undef, undef, 30 }; print $@;
print `echo from a shell`; system("sh", "-c", "exit 3"); print $? >> 8, "\n";
local $SIG{CHLD}; kill "TERM", my $child = fork || do { sleep 100; exit };
waitpid $child, 0; print "signal ", $? & 127, "\n";
rename "file", "other"; print join(" ", grep { !/^\./ } glob "/tmp/*"), "\n";
exec "echo", "executed";
'
