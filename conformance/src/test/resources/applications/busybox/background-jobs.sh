sleep 0.2 &
first=$!
(exit 7) &
second=$!
wait $second
echo "second $?"
wait $first
echo "first $?"
sleep 100 &
sleep 0.3; kill $!
wait $! 2>/dev/null
echo "killed $?"
for i in 1 2 3 4; do (echo "job $i" > /tmp/job$i) & done
wait
cat /tmp/job1 /tmp/job2 /tmp/job3 /tmp/job4
