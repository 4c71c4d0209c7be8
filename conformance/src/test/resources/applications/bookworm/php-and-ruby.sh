# PHP and Ruby: files, processes, threads, a socket pair.
cd /tmp
php -r '
echo array_sum(range(1, 100)), "\n", exec("echo child"), "\n";
file_put_contents("f", str_repeat("x", 100000)); echo filesize("f"), " ", md5_file("f"), "\n";
$p = proc_open(["cat"], [["pipe", "r"], ["pipe", "w"]], $pipes);
fwrite($pipes[0], "through cat\n"); fclose($pipes[0]); echo stream_get_contents($pipes[1]);
echo proc_close($p), "\n";
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
fwrite($a, "pair\n"); echo fgets($b);
echo json_encode(["a" => [1, 2.5, null]]), "\n";'
ruby -rsocket -rtempfile -e '
puts (1..10).map { |x| x * x }.sum
puts 5.times.map { |i| Thread.new { sleep 0.01; i } }.map(&:value).inspect
puts `echo child`
r, w = IO.pipe
fork { r.close; w.puts "from #{Process.ppid == 1}"; exit!(4) }
w.close; puts r.read; Process.wait; puts $?.exitstatus
a, b = UNIXSocket.pair; a.puts "pair"; puts b.gets
Tempfile.create("t") { |f| f.write "data"; f.flush; puts File.size(f.path) }
trap("USR1") { puts "usr1" }; Process.kill("USR1", Process.pid); sleep 0.05
server = TCPServer.new("127.0.0.1", 0)
t = Thread.new { c = server.accept; c.puts "hello"; c.close }
puts TCPSocket.new("127.0.0.1", server.addr[1]).read; t.join'
