// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.loader.Vdso;
import dev.jvisor.kernel.task.ProcessSpec;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.ptrace.PtracePlatform;
import dev.jvisor.platform.systrap.SystrapPlatform;
import dev.jvisor.runsc.ByteStrings;
import dev.jvisor.runsc.cli.ExitCode;
import dev.jvisor.runsc.cli.GlobalOptions;
import dev.jvisor.runsc.cli.RunscException;
import dev.jvisor.syscalls.discovery.SyscallTables;

/** A sandbox in this process: kernel, gofer and the waiting command line in one. */
public final class Sandbox {

    private final Kernel kernel;
    private final Observers observers;

    private Sandbox(Kernel kernel, Observers observers) {
        this.kernel = kernel;
        this.observers = observers;
    }

    /**
     * Boots a kernel, runs the program, waits for its end, and leaves nothing behind.
     *
     * @return the exit status for the shell: the program's own, or 128 + signal
     */
    public static int run(SandboxConfig config, GlobalOptions global) throws RunscException {
        SyscallTables.Extended table = ExtraSyscalls.table(global.syscallPaths());
        try (Observers observers = Observers.open(global);
                MemoryFile memory = memory(config);
                Platform platform = platform(global, memory)) {
            observers.step("platform " + platform.name() + " is ready");
            Kernel kernel = new Kernel(platform, new PageAllocator(memory), table.table());
            observers.step("kernel object");
            kernel.setVdso(Vdso.create(memory, kernel.clocks()));
            observers.step("vDSO is ready");
            observers.attach(kernel, global, table.extra());
            return new Sandbox(kernel, observers).run(config);
        } catch (ErrnoException e) {
            throw noPlatform(global.platform(), e.errno);
        }
    }

    private static Platform platform(GlobalOptions global, MemoryFile memory)
            throws ErrnoException {
        return global.platform().equals("systrap")
                ? SystrapPlatform.create(memory, global.syscallPatching())
                : PtracePlatform.create(memory);
    }

    private static MemoryFile memory(SandboxConfig config) throws ErrnoException {
        return config.memoryBytes > 0 ? MemoryFile.create(config.memoryBytes) : MemoryFile.create();
    }

    private int run(SandboxConfig config) throws RunscException {
        if (config.memoryBytes > 0) {
            kernel.setMemoryBytes(config.memoryBytes);
        }
        kernel.uts().setNodeName(config.hostname);
        StandardStreams streams = new StandardStreams();
        try {
            ProcessSpec spec = new ProcessSpec();
            spec.arguments = ByteStrings.bytes(config.arguments);
            spec.environment = ByteStrings.bytes(config.environment);
            spec.credentials = config.credentials;
            FileTree tree = new FileTree(kernel, config, observers);
            spec.fs = tree.build();
            spec.files = streams.open(tree.context(), config);
            spec.terminal = streams.terminal();
            for (SandboxConfig.ResourceLimit limit : config.limits) {
                spec.limits.set(limit.resource(), limit.soft(), limit.hard());
            }
            observers.step("file tree is ready");
            ThreadGroup init = start(kernel, spec, config.arguments.get(0));
            observers.step("program is loaded");
            HostSignals.forwardTo(init, streams);
            int status = kernel.awaitExit();
            observers.step("program has ended, wait status " + status);
            return exitStatus(status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunscException("interrupted");
        } finally {
            streams.end();
            end(kernel);
        }
    }

    private static void end(Kernel kernel) {
        try {
            kernel.shutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadGroup start(Kernel kernel, ProcessSpec spec, String program)
            throws RunscException {
        try {
            return kernel.startProcess(spec);
        } catch (ErrnoException e) {
            if (spec.platformFailed) {
                throw noPlatform(kernel.platform().name(), e.errno);
            }
            boolean missing = e.errno == Errno.ENOENT || e.errno == Errno.ENOTDIR;
            throw new RunscException(
                    "cannot run '" + program + "': " + reason(e.errno),
                    missing ? ExitCode.NOT_FOUND : ExitCode.NOT_EXECUTABLE);
        }
    }

    private static RunscException noPlatform(String platform, Errno errno) {
        String needs = platform.equals("ptrace")
                ? "ptrace(2) and memfd_create(2)"
                : "seccomp(2), memfd_create(2) and a processor with FSGSBASE";
        return new RunscException("cannot set up the " + platform + " platform: " + errno.text
                + "; the sandbox needs " + needs + " of the host");
    }

    private static String reason(Errno errno) {
        return switch (errno) {
            case ENOENT -> "no such program in the sandbox (or its interpreter is missing)";
            case ENOEXEC -> "not a program that this kernel can run (x86-64 ELF or #! script)";
            default -> errno.text;
        };
    }

    /** A wait status (wait(2)) as a shell reports it. */
    static int exitStatus(int waitStatus) {
        int signal = waitStatus & 0x7f;
        return signal == 0 ? waitStatus >> 8 & 0xff : 128 + signal;
    }
}
