# Programs that want more than the sandbox has: each ends alone, and what it had is free again.
import mmap, os


def outcome(body):
    pid = os.fork()
    if pid == 0:
        try:
            body()
        except (MemoryError, OSError):
            os._exit(1)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    try:
        while True:
            os.wait()  # its orphans are ours
    except ChildProcessError:
        pass
    return {9: "killed", 1 << 8: "refused", 0: "exited"}.get(status, status)


def touch(memory):
    for i in range(0, len(memory), 4096):
        memory[i] = 1


def private(size):
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def overcommitted():
    kept = [private(100 << 20) for i in range(4)]
    while True:
        for memory in kept:
            touch(memory)


def heap():
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def shared():
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 16 << 20))
        touch(kept[-1])


def after_fork():
    memory = private(150 << 20)
    touch(memory)
    if os.fork() == 0:
        touch(memory)
        os._exit(0)
    touch(memory)
    os.wait()


def file():
    with open("/dev/shm/file", "wb", buffering=0) as f:
        while True:
            f.write(b"x" * (1 << 20))


def protected():
    with open("/proc/self/oom_score_adj", "w") as f:
        f.write("-1000")
    hog = os.fork()
    if hog == 0:
        with open("/proc/self/oom_score_adj", "w") as f:
            f.write("500")
        overcommitted()
    print("hog", os.waitpid(hog, 0)[1], flush=True)


def total():
    return int(open("/proc/meminfo").readline().split()[1]) >> 10


print(total(), "MiB")
print("overcommitted", outcome(overcommitted))
for body in (heap, shared, file, after_fork):
    print(body.__name__, outcome(body) in ("killed", "refused", "exited"))
    if body is file:
        os.unlink("/dev/shm/file")
print("protected", outcome(protected))
print("alive", outcome(lambda: touch(private(100 << 20))))
