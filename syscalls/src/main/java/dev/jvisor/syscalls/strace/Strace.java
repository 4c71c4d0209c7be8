// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.kernel.dispatch.SyscallObserver;
import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.UserMemory;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.syscalls.discovery.SyscallDescriptor;
import dev.jvisor.syscalls.discovery.UnistdNames;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Prints system calls as strace(1) with -f does.
 *
 * <p>A line is begun when a call begins, up to the first argument that the call fills in, and ended
 * when it returns. When another task prints in between, the line is closed with {@code <unfinished
 * ...>} and continued later by {@code <... name resumed>}.
 */
public final class Strace implements SyscallObserver {

    private static final int NOBODY = -1;

    private final @Nullable SyscallDescriptor[] calls =
            new @Nullable SyscallDescriptor[SyscallTable.SIZE];
    private final OutputStream out;
    private final @Nullable Set<String> only;

    /** Arguments that are printed already, of tasks that are in a call; guarded by this. */
    private final Map<Integer, Integer> printed = new HashMap<>();

    /** The task whose line has no end yet; guarded by this. */
    private int openLine = NOBODY;

    private boolean broken;

    /**
     * @param calls what is known of each call, see {@code SyscallTables.descriptors()}
     * @param out where lines go, ASCII; flushed often
     * @param only names of calls to print, or null for all; see {@link #parseFilter}
     */
    public Strace(List<SyscallDescriptor> calls, OutputStream out, @Nullable Set<String> only) {
        for (SyscallDescriptor call : calls) {
            this.calls[call.number()] = call;
        }
        this.out = out;
        this.only = only;
    }

    /**
     * Takes apart {@code --strace-syscalls}: names with commas between.
     *
     * @param extra calls that only extra jars serve
     * @throws IllegalArgumentException with a message for the user, if a name is not known
     */
    public static Set<String> parseFilter(String names, List<SyscallDescriptor> extra) {
        Set<String> only = new HashSet<>();
        for (String name : names.split(",")) {
            boolean known = UnistdNames.number(name) >= 0;
            for (SyscallDescriptor call : extra) {
                known |= call.name().equals(name);
            }
            if (!known) {
                throw new IllegalArgumentException("unknown system call '" + name + "'");
            }
            only.add(name);
        }
        return only;
    }

    @Override
    public void enter(
            Task task, long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        enter(task.tid(), task.memoryOrNull(), number, new long[] {a0, a1, a2, a3, a4, a5});
    }

    @Override
    public void exit(
            Task task,
            long number,
            long a0,
            long a1,
            long a2,
            long a3,
            long a4,
            long a5,
            long result) {
        long[] arguments = {a0, a1, a2, a3, a4, a5};
        exit(task.tid(), task.memoryOrNull(), number, arguments, result);
    }

    @Override
    public void signal(Task task, int signal, int code, long address) {
        signal(task.tid(), signal, code, address);
    }

    @Override
    public void exited(Task task, int waitStatus) {
        exited(task.tid(), waitStatus);
    }

    void enter(int tid, @Nullable UserMemory memory, long number, long[] arguments) {
        if (isSkipped(number)) {
            return;
        }
        SyscallDescriptor call = descriptor(number);
        StringBuilder b = new StringBuilder(name(number)).append('(');
        int done = 0;
        if (call == null) {
            printRaw(b, arguments);
            done = arguments.length;
        } else {
            ArgumentPrinter printer = new ArgumentPrinter(b, memory, call, arguments, 0);
            int count = ArgumentPrinter.count(call, arguments);
            if (printer.isClone()) {
                printer.printClone();
                done = count;
            }
            while (done < count
                    && !ArgumentPrinter.isResult(call.parameters().get(done).format())) {
                printer.print(done++);
                b.append(done < count ? ", " : "");
            }
        }
        synchronized (this) {
            printed.put(tid, done);
            write(prefix(tid) + b);
            openLine = tid;
        }
    }

    void exit(int tid, @Nullable UserMemory memory, long number, long[] arguments, long result) {
        if (isSkipped(number)) {
            return;
        }
        SyscallDescriptor call = descriptor(number);
        StringBuilder b = new StringBuilder();
        boolean begun;
        int done;
        synchronized (this) {
            Integer before = printed.remove(tid);
            begun = before != null;
            done = before == null ? 0 : before;
        }
        if (!begun) {
            // A new task returns from its parent's clone: there was no entry of its own.
            b.append(name(number)).append('(');
        }
        if (call == null) {
            if (!begun) {
                printRaw(b, arguments);
            }
            b.append(") = ");
            printResult(b, name(number), result, null);
        } else {
            ArgumentPrinter printer = new ArgumentPrinter(b, memory, call, arguments, result);
            int count = ArgumentPrinter.count(call, arguments);
            while (done < count) {
                printer.print(done++);
                b.append(done < count ? ", " : "");
            }
            b.append(") = ");
            printResult(b, call.name(), result, printer);
        }
        synchronized (this) {
            String resumed = begun ? "<... " + name(number) + " resumed>" : "";
            write((openLine == tid ? "" : prefix(tid) + resumed) + b + '\n');
            openLine = NOBODY;
        }
    }

    synchronized void signal(int tid, int signal, int code, long address) {
        StringBuilder b = new StringBuilder(prefix(tid));
        SignalPrinter.delivery(b, signal, code, address);
        write(b.append('\n').toString());
        openLine = NOBODY;
    }

    synchronized void exited(int tid, int waitStatus) {
        StringBuilder b = new StringBuilder();
        if (printed.remove(tid) != null) {
            // exit(2) and what a SIGKILL ended never return.
            b.append(openLine == tid ? "" : prefix(tid) + "<... resumed>").append(") = ?\n");
            write(b.toString());
            openLine = NOBODY;
            b.setLength(0);
        }
        b.append(prefix(tid));
        int signal = waitStatus & 0x7f;
        if (signal == 0) {
            b.append("+++ exited with ").append(waitStatus >> 8 & 0xff);
        } else {
            b.append("+++ killed by ").append(SignalPrinter.name(signal, true));
            b.append((waitStatus & 0x80) != 0 ? " (core dumped)" : "");
        }
        write(b.append(" +++\n").toString());
        openLine = NOBODY;
    }

    /** What begins a line of a task, closing an open line of another one. */
    private String prefix(int tid) {
        String end = openLine == NOBODY ? "" : " <unfinished ...>\n";
        return end + "[pid " + tid + "] ";
    }

    private boolean isSkipped(long number) {
        return only != null && !only.contains(name(number));
    }

    private @Nullable SyscallDescriptor descriptor(long number) {
        return number >= 0 && number < calls.length ? calls[(int) number] : null;
    }

    private String name(long number) {
        SyscallDescriptor call = descriptor(number);
        if (call != null) {
            return call.name();
        }
        String name = UnistdNames.of(number);
        return name != null ? name : "syscall_0x" + Long.toHexString(number);
    }

    private static void printRaw(StringBuilder b, long[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            b.append(i == 0 ? "" : ", ");
            Names.hex(b, arguments[i]);
        }
    }

    private static void printResult(
            StringBuilder b, String name, long result, @Nullable ArgumentPrinter printer) {
        if (result < 0 && result >= -4095) {
            printError(b, (int) -result);
        } else if (ArgumentPrinter.returnsAddress(name)) {
            GuestReader.pointer(b, result);
        } else if (printer != null && printer.returnsFlags()) {
            printer.printFlagsResult();
        } else {
            b.append(result);
        }
        if (printer != null) {
            printer.printAfterResult();
        }
    }

    private static void printError(StringBuilder b, int number) {
        switch (number) {
            case 512 -> b.append("? ERESTARTSYS (To be restarted if SA_RESTART is set)");
            case 513 -> b.append("? ERESTARTNOINTR (To be restarted)");
            case 514 -> b.append("? ERESTARTNOHAND (To be restarted if no handler)");
            case 516 -> b.append("? ERESTART_RESTARTBLOCK (Interrupted by signal)");
            default -> {
                try {
                    Errno errno = Errno.of(number);
                    b.append("-1 ").append(errno.name()).append(" (").append(errno.text);
                    b.append(')');
                } catch (IllegalArgumentException e) {
                    b.append("-1 (errno ").append(number).append(')');
                }
            }
        }
    }

    private void write(String text) {
        if (broken) {
            return;
        }
        try {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            // Nobody reads the log any more; that is no reason to stop the guest.
            broken = true;
        }
    }
}
