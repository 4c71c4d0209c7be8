// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.runsc.cli.GlobalOptions;
import dev.jvisor.runsc.cli.RunscException;
import dev.jvisor.syscalls.discovery.SyscallDescriptor;
import dev.jvisor.syscalls.discovery.SyscallTables;
import dev.jvisor.syscalls.strace.Strace;

import org.jspecify.annotations.Nullable;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What watches the guest on the user's request, and where it writes. */
final class Observers implements AutoCloseable {

    private final @Nullable OutputStream log;
    private final boolean debug;
    private final long startNanos = System.nanoTime();

    private Observers(@Nullable OutputStream log, boolean debug) {
        this.log = log;
        this.debug = debug;
    }

    /** Opens what the flags ask for; usually nothing. */
    static Observers open(GlobalOptions global) throws RunscException {
        return global.strace() || global.debug()
                ? new Observers(openLog(global.debugLog()), global.debug())
                : new Observers(null, false);
    }

    private static OutputStream openLog(@Nullable String path) throws RunscException {
        if (path == null) {
            return System.err;
        }
        try {
            return new BufferedOutputStream(new FileOutputStream(path, true));
        } catch (IOException e) {
            throw new RunscException("cannot write --debug-log " + path + ": " + e.getMessage());
        }
    }

    /** Attaches strace if it is asked for. */
    void attach(Kernel kernel, GlobalOptions global, List<SyscallDescriptor> extra)
            throws RunscException {
        OutputStream out = log;
        if (out == null || !global.strace()) {
            return;
        }
        String names = global.straceSyscalls();
        Set<String> only = null;
        try {
            only = names == null ? null : Strace.parseFilter(names, extra);
        } catch (IllegalArgumentException e) {
            throw new RunscException("--strace-syscalls: " + e.getMessage());
        }
        List<SyscallDescriptor> calls = new ArrayList<>(SyscallTables.descriptors());
        calls.addAll(extra);
        kernel.setObserver(new Strace(calls, out, only));
    }

    /**
     * Logs a step of the sandbox's life with {@code --debug}, with the microseconds since its
     * start.
     */
    void step(String what) {
        OutputStream out = log;
        if (out == null || !debug) {
            return;
        }
        long micros = (System.nanoTime() - startNanos) / 1000;
        try {
            out.write(("runsc: " + micros + " us: " + what + "\n").getBytes());
        } catch (IOException e) {
            System.err.println("runsc: cannot write the log: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        if (log != null) {
            try {
                log.flush();
            } catch (IOException e) {
                System.err.println("runsc: the log is incomplete: " + e.getMessage());
            }
        }
    }
}
