// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** Handlers of all shapes, which note what they were called with. */
@SyscallHandlers
final class ProbeSyscalls {

    static String called = "";
    static long[] seen = {};

    private ProbeSyscalls() {}

    private static long note(String name, long... arguments) {
        called = name;
        seen = arguments;
        return arguments.length == 0 ? 42 : arguments[0];
    }

    @Syscall(number = 490, name = "probe_none")
    static long none(Task task) {
        return note("none");
    }

    @Syscall(number = 491, name = "probe_int")
    static long one(Task task, @Arg(Arg.Format.FD) int a) {
        return note("one", a);
    }

    @Syscall(number = 492, name = "probe_six_longs")
    static long sixLongs(Task task, long a, long b, long c, long d, long e, long f) {
        return note("sixLongs", a, b, c, d, e, f);
    }

    @Syscall(number = 493, name = "probe_mixed", support = Support.PARTIAL, note = "a, \"b\"")
    static long mixed(Task task, long a, int b, long c, int d, int e, long f) {
        return note("mixed", a, b, c, d, e, f);
    }

    @Syscall(number = 494, name = "probe_int_result")
    static int intResult(Task task, int a) {
        note("intResult", a);
        return a;
    }

    @Syscall(number = 495, name = "probe_error")
    static long error(Task task) throws ErrnoException {
        throw Errno.ENOTTY.exception();
    }
}
