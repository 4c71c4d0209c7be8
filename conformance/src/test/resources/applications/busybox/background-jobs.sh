sleep 0.2 &
first=$!
(exit 7) &
second=$!
wait $second
echo "second $?"
wait $first
echo "first $?"
sleep 100 &
kill $!
wait $!
echo "killed $?"
for i in 1 2 3 4; do (echo "job $i" > /tmp/job$i) & done
wait
cat /tmp/job1 /tmp/job2 /tmp/job3 /tmp/job4
