// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** System V IPC and POSIX queues. Expected results are Linux 6.18's. */
final class IpcCallsTests {

    private static final int IPC_CREAT = 01000;
    private static final int IPC_EXCL = 02000;
    private static final int IPC_NOWAIT = 04000;
    private static final int IPC_RMID = 0;
    private static final int IPC_STAT = 2;
    private static final int SETVAL = 16;
    private static final int GETVAL = 12;
    private static final long SEM_UNDO = 010000L << 32;
    private static final int O_RDWR_CREAT = 0102;

    private static long attachments(Calls c, long id) {
        c.gives(0, "shmctl", id, IPC_STAT, c.scratch() + 1024);
        return c.get(c.scratch() + 1024 + 88);
    }

    @Test
    void segmentsAreSharedAndCounted() {
        Calls.run(c -> {
            c.fails(Errno.ENOENT, "shmget", 7, 4096, 0);
            long id = c.ok("shmget", 7, 5000, IPC_CREAT | 0600);
            c.fails(Errno.EEXIST, "shmget", 7, 5000, IPC_CREAT | IPC_EXCL);
            c.fails(Errno.EINVAL, "shmget", 7, 5001, 0);
            long one = c.ok("shmat", id, 0, 0);
            long two = c.ok("shmat", id, 0, 010000);
            assertThat(attachments(c, id)).isEqualTo(2);
            c.put(one, 42);
            assertThat(c.get(two)).isEqualTo(42);
            c.cpu()
                    .wait4(
                            c.cpu().fork(child -> {
                                c.sandbox().putLong(child, one, 43);
                                child.exitGroup(0);
                            }),
                            0,
                            0);
            assertThat(c.get(two)).isEqualTo(43);
            c.gives(0, "shmctl", id, IPC_RMID, 0);
            c.fails(Errno.ENOENT, "shmget", 7, 1, 0);
            assertThat(attachments(c, id)).isEqualTo(2);
            c.gives(0, "shmdt", one);
            c.fails(Errno.EINVAL, "shmdt", one);
            c.gives(0, "shmdt", two);
            c.fails(Errno.EINVAL, "shmctl", id, IPC_STAT, c.scratch() + 1024);
        });
    }

    @Test
    void semaphoresWaitAndAreUndone() {
        Calls.run(c -> {
            long id = c.ok("semget", 0, 2, IPC_CREAT | 0600);
            long take = c.scratch() + 8;
            long add = c.scratch() + 16;
            long addUndone = c.scratch() + 24;
            c.put(take, 0xffffL << 16);
            c.put(add, 1L << 16);
            c.put(addUndone, 1L << 16 | SEM_UNDO);
            c.put(c.scratch() + 32, 0xffffL << 16 | (long) IPC_NOWAIT << 32);
            c.fails(Errno.EAGAIN, "semop", id, c.scratch() + 32, 1);
            int child = c.cpu().fork(other -> {
                other.syscall(65, id, addUndone, 1);
                other.exitGroup(0);
            });
            c.gives(child, "wait4", child, 0, 0, 0);
            c.gives(0, "semctl", id, 0, GETVAL, 0);
            c.cpu().thread(other -> {
                other.compute();
                other.syscall(65, id, add, 1);
                other.exit(0);
            });
            c.gives(0, "semop", id, take, 1);
            c.fails(Errno.ERANGE, "semctl", id, 0, SETVAL, 32768);
            c.fails(Errno.EINVAL, "semctl", id, 2, GETVAL, 0);
            c.put(c.scratch() + 40, 2 | 1L << 16);
            c.fails(Errno.EFBIG, "semop", id, c.scratch() + 40, 1);
            c.cpu().thread(other -> {
                other.compute();
                other.syscall(66, id, 0, IPC_RMID, 0);
                other.exit(0);
            });
            c.fails(Errno.EIDRM, "semop", id, take, 1);
        });
    }

    @Test
    void messagesComeByType() {
        Calls.run(c -> {
            long id = c.ok("msgget", 0, IPC_CREAT | 0600);
            long message = c.scratch() + 512;
            for (long type : new long[] {3, 1, 2}) {
                c.put(message, type, type + 100);
                c.gives(0, "msgsnd", id, message, 8, 0);
            }
            c.gives(8, "msgrcv", id, message, 8, -2, 0);
            assertThat(c.get(message)).isEqualTo(1);
            assertThat(c.get(message + 8)).isEqualTo(101);
            c.gives(8, "msgrcv", id, message, 8, 2, 0);
            c.fails(Errno.ENOMSG, "msgrcv", id, message, 8, 2, IPC_NOWAIT);
            c.fails(Errno.E2BIG, "msgrcv", id, message, 7, 0, 0);
            c.put(message, 0);
            c.fails(Errno.EINVAL, "msgsnd", id, message, 8, 0);
            c.gives(0, "msgctl", id, IPC_RMID, 0);
            c.fails(Errno.EINVAL, "msgrcv", id, message, 8, 0, 0);
        });
    }

    @Test
    void queuesOrderByPriority() {
        Calls.run(c -> {
            long attributes = c.scratch() + 512;
            c.put(attributes, 0, 2, 8);
            long queue = c.ok("mq_open", "q", O_RDWR_CREAT, 0600, attributes);
            long text = c.scratch() + 1024;
            c.put(text, 7);
            c.gives(0, "mq_timedsend", queue, text, 8, 1, 0);
            c.put(text, 9);
            c.gives(0, "mq_timedsend", queue, text, 8, 5, 0);
            c.put(c.scratch(), 0, 1);
            c.fails(Errno.ETIMEDOUT, "mq_timedsend", queue, text, 8, 5, c.scratch());
            c.fails(Errno.EMSGSIZE, "mq_timedsend", queue, text, 9, 5, 0);
            c.gives(8, "mq_timedreceive", queue, text, 8, 0, 0);
            assertThat(c.get(text)).isEqualTo(9);
            c.gives(0, "mq_unlink", "q");
            c.fails(Errno.ENOENT, "mq_open", "q", 2, 0, 0);
            c.gives(8, "mq_timedreceive", queue, text, 8, 0, 0);
        });
    }
}
