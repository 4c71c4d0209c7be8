// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * personality(2): kept for each thread, inherited, and returned.
 *
 * <p>Deviations: only PER_LINUX32 has an effect (on uname(2)).
 */
@SyscallHandlers
final class PersonalitySyscalls {

    private static final int QUERY = 0xffffffff;

    private PersonalitySyscalls() {}

    @Syscall(
            number = 135,
            name = "personality",
            support = Support.PARTIAL,
            note = "flags are kept but have no effect")
    static long personality(Task task, @Arg(HEX) int persona) {
        int old = task.personality();
        if (persona != QUERY) {
            task.setPersonality(persona);
        }
        return old & 0xffff_ffffL;
    }
}
