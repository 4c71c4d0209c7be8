// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.MappedHostFiles;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.CpuBalancer;
import dev.jvisor.platform.stub.CpuPlacement;
import dev.jvisor.platform.stub.RangeSet;
import dev.jvisor.platform.stub.RegisterLayout;
import dev.jvisor.platform.stub.StubFiles;
import dev.jvisor.platform.stub.StubProgram;

import java.util.ArrayList;
import java.util.List;

/**
 * The platform that works on every Linux host: guest code runs in stub processes under
 * {@code PTRACE_SYSEMU}.
 *
 * <p>A guest address space is a host process, a guest task is a thread in it, traced by the Java
 * thread that runs the task. Forks and threads of the guest are forks and threads of the stub, made
 * by a clone(2) that the stub is told to make, so that the host copies mappings, vector state and
 * TLS. See {@link StubImage} for what a stub can do, {@link PtraceAddressSpace} for how it is told,
 * and {@link CpuPlacement} for where it runs.
 *
 * <p>When the Sentry dies the host kills all attached stubs (PTRACE_O_EXITKILL), and those that
 * wait to be attached notice within a second that they have another parent.
 *
 * <p>Calls through the vsyscall page trap like any other call if the host emulates that page, and
 * are a SIGSEGV if it does not ({@code vsyscall=none}).
 */
public final class PtracePlatform implements Platform {

    /** mmap_min_addr of common hosts; nothing below can be mapped there. */
    private static final long MIN_ADDRESS = 0x10000;

    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0x80000;
    private static final int WALL = 0x40000000;

    private final MemoryFile memory;
    private final StubImage image;
    private final ControlFile control;
    private final CpuPlacement cpus;
    private final CpuBalancer balancer;
    private final int memoryFd;
    private final int controlFd;
    private final int imageFd;

    private final List<StubProcess> processes = new ArrayList<>(); // guarded by itself
    private final List<StubFiles> tables = new ArrayList<>(); // guarded by processes

    private PtracePlatform(
            MemoryFile memory, StubImage image, ControlFile control, CpuPlacement cpus, int imageFd)
            throws ErrnoException {
        this.memory = memory;
        this.image = image;
        this.control = control;
        this.cpus = cpus;
        this.balancer = new CpuBalancer(cpus);
        this.imageFd = imageFd;
        this.memoryFd = StubProgram.duplicate(memory.fd());
        this.controlFd = StubProgram.duplicate(control.fd);
        MappedHostFiles.add(this);
    }

    /**
     * Creates the platform. Takes the memory file over: {@link #close} closes it.
     *
     * @throws ErrnoException if the host lacks descriptors or memory
     */
    public static PtracePlatform create(MemoryFile memory) throws ErrnoException {
        StubImage image = new StubImage(HostProcess.getpid());
        return new PtracePlatform(
                memory,
                image,
                ControlFile.create(StubImage.SCRATCH),
                CpuPlacement.create(),
                StubProgram.open(image.file));
    }

    @Override
    public String name() {
        return "ptrace";
    }

    @Override
    public MemoryFile memory() {
        return memory;
    }

    @Override
    public long minAddress() {
        return MIN_ADDRESS;
    }

    @Override
    public long maxAddress() {
        return StubImage.CODE;
    }

    @Override
    public int cpuCount() {
        return cpus.count();
    }

    StubImage image() {
        return image;
    }

    ControlFile control() {
        return control;
    }

    CpuPlacement cpus() {
        return cpus;
    }

    CpuBalancer balancer() {
        return balancer;
    }

    /** Sets the general registers a new program starts with. */
    static void initialRegisters(Registers registers) {
        registers.copyFrom(new Registers());
        registers.cs = Tracee.USER_CS;
        registers.ss = Tracee.USER_SS;
        registers.eflags = RegisterLayout.EFLAGS_FIXED;
        registers.origRax = -1;
    }

    // Stub processes.

    @Override
    public GuestContext newContext() throws ErrnoException {
        int place = cpus.current();
        cpus.put(0, place);
        long list = control.allocate();
        StubProcess process = null;
        try {
            process = spawn(list);
            Tracee tracee = seizeParked(process, process.tgid, true);
            PtraceAddressSpace space = new PtraceAddressSpace(this, process, new RangeSet());
            Registers registers = new Registers();
            initialRegisters(registers);
            return new PtraceContext(this, space, tracee, registers, place, true);
        } catch (ErrnoException | RuntimeException e) {
            if (process != null) {
                discard(process);
            } else {
                control.free(list);
            }
            cpus.put(0, CpuPlacement.FLOATING);
            throw e;
        }
    }

    /** Starts a stub program and waits until it is parked. */
    private StubProcess spawn(long list) throws ErrnoException {
        NativeBuffer buffer = NativeBuffer.scratch();
        Host.check(
                Host.syscall(Sys.SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, buffer.address()));
        int ours = buffer.getInt(0);
        int theirs = buffer.getInt(4);
        int source = -1;
        int pid;
        try {
            source = StubProgram.duplicate(theirs);
            int[] descriptors = {
                memoryFd, StubImage.MEMORY_FD,
                controlFd, StubImage.CONTROL_FD,
                source, StubImage.SOCKET_FD,
                imageFd, StubImage.IMAGE_FD,
            };
            byte[][] arguments = {{'s', 't', 'u', 'b'}};
            pid = HostProcess.spawnOpen(imageFd, arguments, new byte[0][], descriptors);
        } catch (ErrnoException e) {
            Host.syscall(Sys.CLOSE, ours, 0, 0);
            throw e;
        } finally {
            Host.syscall(Sys.CLOSE, theirs, 0, 0);
            if (source >= 0) {
                Host.syscall(Sys.CLOSE, source, 0, 0);
            }
        }
        long count;
        do {
            count = Host.syscall(Sys.READ, ours, buffer.address(), 1);
        } while (count == -Errno.EINTR.number);
        if (count != 1) {
            Host.syscall(Sys.CLOSE, ours, 0, 0);
            throw bootFailure(pid);
        }
        StubFiles files = new StubFiles(ours, StubImage.IMAGE_FD);
        StubProcess process = new StubProcess(pid, files, list, false);
        register(process);
        synchronized (processes) {
            tables.add(files);
        }
        return process;
    }

    /** Collects a stub that ended while it booted. */
    private static ErrnoException bootFailure(int pid) {
        NativeBuffer buffer = NativeBuffer.scratch();
        HostProcess.wait4(pid, buffer.address(), WALL);
        int code = buffer.getInt(0) >> 8 & 0xff;
        return StubProgram.bootFailure(code);
    }

    /**
     * Attaches a parked stub thread to the calling thread.
     *
     * @param fresh whether it is alone in its process, which must show its list and nothing else
     */
    Tracee seizeParked(StubProcess process, int tid, boolean fresh) throws ErrnoException {
        Tracee tracee = Tracee.seize(image, process.tgid, tid);
        long rip = tracee.injectedRip();
        boolean parked = rip >= image.parkStart && rip < image.parkEnd;
        boolean prepared = parked && process.isListMapped();
        if (tid != process.tgid || prepared) {
            return tracee;
        }
        // Stopped before it had got to it, or just started.
        try {
            if (fresh) {
                tracee.inject(image.gadgetSyscall, Sys.MUNMAP, 0, StubImage.CODE, 0, 0, 0, 0);
            }
            long at = tracee.inject(
                    image.gadgetSyscall,
                    Sys.MMAP,
                    StubImage.LIST,
                    StubImage.PAGE,
                    Mman.PROT_READ,
                    Mman.MAP_SHARED | Mman.MAP_FIXED,
                    StubImage.CONTROL_FD,
                    process.list);
            if (Host.isError(at)) {
                throw Errno.EAGAIN.exception();
            }
        } catch (ContextLostException e) {
            throw Errno.EAGAIN.exception();
        }
        return tracee;
    }

    void register(StubProcess process) {
        synchronized (processes) {
            processes.add(process);
        }
    }

    /** Ends a process that has no context. */
    void discard(StubProcess process) {
        process.kill();
        process.reap(control);
        unregister(process);
    }

    private void unregister(StubProcess process) {
        synchronized (processes) {
            processes.remove(process);
            if (process.files.isUnused()) {
                tables.remove(process.files);
            }
        }
    }

    /** Ends a stub thread whose context goes away, and its process with the last one. */
    void leave(StubProcess process, Tracee tracee) {
        try {
            if (process.removeThread()) {
                process.kill();
                tracee.reap();
                process.reap(control);
                unregister(process);
            } else if (tracee.isLost()) {
                if (tracee.tid != process.tgid) {
                    tracee.reap();
                }
            } else if (tracee.tid == process.tgid) {
                // A leader that ends stays as a zombie of this thread, whose end would then kill
                // the
                // process. So it stays, for nothing.
                tracee.detachInto(image.gadgetRetire);
            } else {
                tracee.exitThread(image.gadgetSyscall);
            }
        } catch (ContextLostException killedMeanwhile) {
            if (tracee.tid != process.tgid) {
                tracee.reap();
            }
        } finally {
            tracee.release();
        }
    }

    @Override
    public void forgetHostFile(int hostFd) {
        synchronized (processes) {
            for (StubFiles files : tables) {
                files.forget(hostFd);
            }
        }
    }

    @Override
    public void close() {
        MappedHostFiles.remove(this);
        balancer.close();
        StubProcess[] left;
        synchronized (processes) {
            left = processes.toArray(new StubProcess[0]);
            processes.clear();
            tables.clear();
        }
        for (StubProcess process : left) {
            process.kill();
        }
        for (StubProcess process : left) {
            process.reap(control);
        }
        control.close();
        Host.syscall(Sys.CLOSE, memoryFd, 0, 0);
        Host.syscall(Sys.CLOSE, controlFd, 0, 0);
        Host.syscall(Sys.CLOSE, imageFd, 0, 0);
        memory.close();
    }
}
