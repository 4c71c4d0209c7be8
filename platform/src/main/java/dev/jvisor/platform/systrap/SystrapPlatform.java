// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.MappedHostFiles;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Handover;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostAuxv;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.CpuBalancer;
import dev.jvisor.platform.stub.CpuPlacement;
import dev.jvisor.platform.stub.RangeSet;
import dev.jvisor.platform.stub.StubFiles;
import dev.jvisor.platform.stub.StubProgram;
import dev.jvisor.platform.stub.VectorImage;

import java.util.ArrayList;
import java.util.List;

/**
 * The fast platform: the calls and faults of guest code become signals of the stub thread itself
 * (seccomp(2) with SECCOMP_RET_TRAP), whose handler hands over to the Sentry through shared memory.
 *
 * <p>A guest address space is a host process, a guest task is a thread in it. See {@link StubCode}
 * for what runs there, {@link Block} for what is shared, {@link HandoverPolicy} for who waits how.
 *
 * <p>Needs instructions for the TLS bases (FSGSBASE; Linux 5.9) and XSAVE on the host.
 */
public final class SystrapPlatform implements Platform {

    /** Above mmap_min_addr of common hosts, and above the table of patched calls. */
    private static final long MIN_ADDRESS = 0x70000;

    /** In CPUID leaf 7, ebx: BMI2, which a patched call needs. */
    private static final int FEATURE_BMI2 = 1 << 8;

    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0x80000;
    private static final int AT_HWCAP2 = 26;
    private static final long HWCAP2_FSGSBASE = 2;

    private final MemoryFile memory;
    private final StubCode code;
    private final ControlFile control;
    private final ContextFile contexts;
    private final SiteFile siteFile;
    private final boolean patching;
    private final VectorImage vectors;
    private final HandoverPolicy handovers;
    private final StubSpawner spawner = new StubSpawner();
    private final NativeBuffer timeout;
    private final CpuBalancer balancer;
    private final int memoryFd;
    private final int controlFd;
    private final int contextFd;
    private final int siteFd;
    private final int imageFd;

    private final List<StubProcess> processes = new ArrayList<>(); // guarded by itself
    private final List<StubFiles> tables = new ArrayList<>(); // guarded by processes

    private SystrapPlatform(
            MemoryFile memory,
            StubCode code,
            ControlFile control,
            ContextFile contexts,
            SiteFile siteFile,
            boolean patching,
            VectorImage vectors,
            int imageFd)
            throws ErrnoException {
        this.memory = memory;
        this.code = code;
        this.control = control;
        this.contexts = contexts;
        this.siteFile = siteFile;
        this.patching = patching;
        this.siteFd = StubProgram.duplicate(siteFile.fd);
        this.vectors = vectors;
        this.imageFd = imageFd;
        this.memoryFd = StubProgram.duplicate(memory.fd());
        this.controlFd = StubProgram.duplicate(control.fd);
        this.contextFd = StubProgram.duplicate(contexts.fd);
        CpuPlacement cpus = CpuPlacement.create();
        this.handovers = new HandoverPolicy(cpus);
        this.balancer = new CpuBalancer(cpus);
        this.timeout = NativeBuffer.allocate(16);
        timeout.putLong(0, 1);
        MappedHostFiles.add(this);
    }

    /**
     * Creates the platform. Takes the memory file over: {@link #close} closes it.
     *
     * @throws ErrnoException EPERM if the host lacks what it needs; others if it lacks descriptors
     *     or memory
     */
    public static SystrapPlatform create(MemoryFile memory) throws ErrnoException {
        return create(memory, true);
    }

    /**
     * As {@link #create(MemoryFile)}.
     *
     * @param patching whether call sites in guest code that are used often may be rewritten
     */
    public static SystrapPlatform create(MemoryFile memory, boolean patching)
            throws ErrnoException {
        if ((HostAuxv.value(AT_HWCAP2) & HWCAP2_FSGSBASE) == 0) {
            throw Errno.EPERM.exception();
        }
        VectorImage vectors = vectorImage();
        StubCode code = new StubCode(HostProcess.getpid());
        return new SystrapPlatform(
                memory,
                code,
                ControlFile.create(StubCode.SCRATCH),
                ContextFile.create(),
                SiteFile.create(code),
                patching && (Handover.processorFeatures() & FEATURE_BMI2) != 0,
                vectors,
                StubProgram.open(code.file));
    }

    private static VectorImage vectorImage() throws ErrnoException {
        int size = Handover.extendedStateSize();
        if (size < VectorImage.HEADER_END || size > Block.VECTOR_AREA_SIZE) {
            throw Errno.EPERM.exception();
        }
        NativeBuffer buffer = NativeBuffer.allocate(size + 64);
        try {
            long at = (buffer.address() + 63) & -64L;
            Handover.saveExtendedState(at);
            int mask = RawMemory.getInt(at + VectorImage.MXCSR_MASK_OFFSET);
            return new VectorImage(size, Handover.extendedStateFeatures(), mask);
        } finally {
            buffer.free();
        }
    }

    @Override
    public String name() {
        return "systrap";
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
        return StubCode.LIMIT;
    }

    @Override
    public int cpuCount() {
        return handovers.cpus.count();
    }

    StubCode code() {
        return code;
    }

    ControlFile control() {
        return control;
    }

    ContextFile contexts() {
        return contexts;
    }

    SiteFile siteFile() {
        return siteFile;
    }

    /** Whether call sites are patched. */
    boolean isPatching() {
        return patching;
    }

    VectorImage vectors() {
        return vectors;
    }

    HandoverPolicy handovers() {
        return handovers;
    }

    CpuBalancer balancer() {
        return balancer;
    }

    /** Address of a {@code struct timespec}: how long a wait lasts before it looks for deaths. */
    long timeoutAddress() {
        return timeout.address();
    }

    // Slots.

    /**
     * Takes a slot for a new thread and sets it up; registers and vector state are the caller's.
     */
    long newSlot() throws ErrnoException {
        long slot = contexts.allocate();
        long at = contexts.address(slot);
        long stub = ContextFile.stubAddress(slot);
        RawMemory.putInt(at + Block.STATE, Handover.STOPPED);
        RawMemory.putLong(at + Block.STACK, stub + Block.STACK_TOP);
        RawMemory.putLong(at + Block.SIGNAL_STACK, stub + Block.STACK_START);
        RawMemory.putLong(at + Block.SIGNAL_STACK + 16, Block.SLOT_SIZE - Block.STACK_START);
        return slot;
    }

    // Stub processes.

    @Override
    public GuestContext newContext() throws ErrnoException {
        long slot = newSlot();
        vectors.reset(contexts.address(slot) + Block.VECTOR_AREA);
        StubProcess process;
        try {
            process = spawn();
        } catch (ErrnoException | RuntimeException e) {
            contexts.free(slot);
            throw e;
        }
        try {
            SystrapAddressSpace space = new SystrapAddressSpace(this, process, new RangeSet());
            StubThread thread = space.makeThread(slot);
            slot = -1; // the process's from now on
            int place = handovers.cpus.current();
            SystrapContext context = new SystrapContext(this, space, thread, place);
            context.initialize();
            return context;
        } catch (ContextLostException e) {
            discard(process);
            giveBack(slot);
            throw StubProgram.bootFailure(process.exitCode());
        } catch (ErrnoException | RuntimeException e) {
            discard(process);
            giveBack(slot);
            throw e;
        }
    }

    private void giveBack(long slot) {
        if (slot >= 0) {
            contexts.free(slot);
        }
    }

    private StubProcess spawn() throws ErrnoException {
        NativeBuffer buffer = NativeBuffer.scratch();
        long list = control.allocate();
        int ours = -1;
        int theirs = -1;
        int source = -1;
        try {
            Host.check(Host.syscall(
                    Sys.SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, buffer.address()));
            ours = buffer.getInt(0);
            theirs = buffer.getInt(4);
            source = StubProgram.duplicate(theirs);
            int[] descriptors = {
                memoryFd, StubFiles.MEMORY_FD,
                controlFd, StubFiles.CONTROL_FD,
                source, StubFiles.SOCKET_FD,
                contextFd, StubCode.CONTEXT_FD,
                siteFd, StubCode.SITE_FD,
                imageFd, StubCode.IMAGE_FD,
            };
            int page = (int) (list / ControlFile.PAGE);
            byte[][] arguments = {{(byte) (page | 0x80), (byte) (page >> 7 | 0x80)}};
            int pid = spawner.spawn(imageFd, arguments, descriptors);
            StubFiles files = new StubFiles(ours, StubCode.IMAGE_FD);
            StubProcess process = new StubProcess(this, pid, files, list);
            register(process);
            synchronized (processes) {
                tables.add(files);
            }
            return process;
        } catch (ErrnoException | RuntimeException e) {
            control.free(list);
            if (ours >= 0) {
                Host.syscall(Sys.CLOSE, ours, 0, 0);
            }
            throw e;
        } finally {
            if (theirs >= 0) {
                Host.syscall(Sys.CLOSE, theirs, 0, 0);
            }
            if (source >= 0) {
                Host.syscall(Sys.CLOSE, source, 0, 0);
            }
        }
    }

    void register(StubProcess process) {
        synchronized (processes) {
            processes.add(process);
        }
    }

    /** Ends a process that has no context any more. */
    void discard(StubProcess process) {
        process.kill();
        process.reap();
        synchronized (processes) {
            processes.remove(process);
            if (process.files.isUnused()) {
                tables.remove(process.files);
            }
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
            process.reap();
        }
        spawner.close();
        control.close();
        contexts.close();
        siteFile.close();
        Host.syscall(Sys.CLOSE, siteFd, 0, 0);
        Host.syscall(Sys.CLOSE, memoryFd, 0, 0);
        Host.syscall(Sys.CLOSE, controlFd, 0, 0);
        Host.syscall(Sys.CLOSE, contextFd, 0, 0);
        Host.syscall(Sys.CLOSE, imageFd, 0, 0);
        timeout.free();
        memory.close();
    }
}
