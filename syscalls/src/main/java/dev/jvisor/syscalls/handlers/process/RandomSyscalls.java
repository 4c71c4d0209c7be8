// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Getrandom.GRND_INSECURE;
import static dev.jvisor.platform.abi.Getrandom.GRND_NONBLOCK;
import static dev.jvisor.platform.abi.Getrandom.GRND_RANDOM;
import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.RANDOM_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostRandom;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * getrandom(2): bytes of the host's generator.
 *
 * <p>Errors: EINVAL for flags or both of GRND_INSECURE and GRND_RANDOM; EFAULT if nothing could be
 * stored. A pending signal ends a large request early.
 */
@SyscallHandlers
final class RandomSyscalls {

    private static final int CHUNK_SIZE = 4096;

    private RandomSyscalls() {}

    @Syscall(number = 318, name = "getrandom")
    static long getrandom(
            Task task,
            @Arg(BUFFER_OUT) long buffer,
            @Arg(SIZE) long length,
            @Arg(RANDOM_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags & 0xffff_ffffL, GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE);
        if ((flags & GRND_INSECURE) != 0 && (flags & GRND_RANDOM) != 0) {
            throw Errno.EINVAL.exception();
        }
        long wanted = length < 0 || length > UserArgs.MAX_RW_COUNT ? UserArgs.MAX_RW_COUNT : length;
        byte[] chunk = new byte[(int) Math.min(wanted, CHUNK_SIZE)];
        long done = 0;
        while (done < wanted) {
            int n = (int) Math.min(chunk.length, wanted - done);
            HostRandom.fill(chunk, 0, n);
            int stored = task.memory().copyOutPartial(buffer + done, chunk, 0, n);
            done += stored;
            if (stored < n) {
                if (done == 0) {
                    throw Errno.EFAULT.exception();
                }
                break;
            }
            if (task.hasPendingSignal()) {
                break;
            }
        }
        return done;
    }
}
