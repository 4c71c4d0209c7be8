// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ptrace;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.CpuBalancer;
import dev.jvisor.platform.stub.CpuPlacement;
import dev.jvisor.platform.stub.RangeSet;
import dev.jvisor.platform.stub.StubFiles;
import dev.jvisor.platform.stub.StubUsage;

import org.jspecify.annotations.Nullable;

/** One guest task: a stub thread and the Java thread that traces it. */
final class PtraceContext implements GuestContext, CpuBalancer.Member {

    private static final int CLONE_THREAD_FLAGS = Sched.CLONE_VM
            | Sched.CLONE_FS
            | Sched.CLONE_FILES
            | Sched.CLONE_SIGHAND
            | Sched.CLONE_THREAD
            | Sched.CLONE_SYSVSEM;

    /** CLONE_PARENT: the Sentry, which traces the child, is its parent, too. */
    private static final int CLONE_PROCESS_FLAGS =
            Sched.CLONE_PARENT | Sched.CLONE_FILES | Sched.CLONE_FS | Signals.SIGCHLD;

    private static final int SI_SYS_SECCOMP = 1;

    /** A task with so many traps will have more: time to use what is fast once compiled. */
    private static final int SETTLED_TRAPS = 10_000;

    /** A task with fewer traps may be over in a moment: not worth a thread that watches it. */
    private static final int LASTING_TRAPS = 32;

    private final PtracePlatform platform;
    private final CpuPlacement cpus;
    private final Thread owner;
    private final Registers registers;
    private final Trap trap = new Trap();
    private final boolean pinnedByUs;
    private PtraceAddressSpace space;
    private Tracee tracee;

    /** CPU time of stub threads that an execve left behind; guarded by kickLock. */
    private long carriedCpuNanos;

    private @Nullable VectorState vector;
    private final int ownerTid = HostProcess.gettid();

    /** Where both threads run, or FLOATING. Written under {@link #kickLock}. */
    private volatile int place;

    /** Runs shorter than a burst since the last burst, while floating. */
    private int quickRuns;

    private boolean usesDebugRegisters;

    private int traps;
    private int trapsSeen; // by the balancer, under its lock

    /** Someone wants {@link #run} to return. */
    private volatile boolean interrupted;

    /** The stub runs guest code, or will as soon as the host lets it. */
    private volatile boolean inGuest;

    /** Guards the stub thread's identity against a signal to one that has ended. */
    private final Object kickLock = new Object();

    private boolean closed; // guarded by kickLock

    PtraceContext(
            PtracePlatform platform,
            PtraceAddressSpace space,
            Tracee tracee,
            Registers registers,
            int place,
            boolean pinnedByUs) {
        this.platform = platform;
        this.cpus = platform.cpus();
        this.owner = Thread.currentThread();
        this.space = space;
        this.tracee = tracee;
        this.registers = registers;
        this.place = place;
        this.pinnedByUs = pinnedByUs;
        platform.balancer().add(this);
        space.addContext(this);
    }

    @Override
    public AddressSpace addressSpace() {
        return space;
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public Trap trap() {
        return trap;
    }

    Tracee tracee() {
        return tracee;
    }

    boolean isOwnedByCaller() {
        return owner == Thread.currentThread();
    }

    @Override
    public boolean isInGuest() {
        return inGuest;
    }

    // Running.

    @Override
    public void run() throws ErrnoException {
        go(Ptrace.PTRACE_SYSEMU);
    }

    @Override
    public void step() throws ErrnoException {
        go(Ptrace.PTRACE_SYSEMU_SINGLESTEP);
    }

    private void go(int request) throws ErrnoException {
        while (true) {
            if (interrupted) {
                interrupted = false;
                trap.kind = Trap.Kind.INTERRUPT;
                return;
            }
            if (space.hasPending()) {
                space.flush(tracee);
            }
            if (!registers.isLoadable() || !tracee.setRegisters(registers)) {
                // What iretq answers to a state that user code cannot be in.
                trap.setFault(Signals.SIGSEGV, Signals.SI_KERNEL, 0);
                return;
            }
            // First the flag, then the look at what may be wanted; interrupt() and commit() do it
            // the
            // other way round, so one of the two sides sees the other.
            inGuest = true;
            if (interrupted || space.hasPending()) {
                inGuest = false;
                continue;
            }
            int stop = runGuest(request);
            if (stop == Tracee.SYSCALL_STOP) {
                syscallStop();
                return;
            }
            if (signalStop(stop, request)) {
                return;
            }
        }
    }

    /** Switches to the guest and back; returns how it stopped. */
    private int runGuest(int request) {
        if (traps >= LASTING_TRAPS) {
            platform.balancer().watch();
        }
        long start = System.nanoTime();
        int stop;
        try {
            tracee.resume(request);
            stop = tracee.await();
        } finally {
            inGuest = false;
            space.guestLeft();
        }
        tracee.getRegisters(registers);
        if (++traps == SETTLED_TRAPS) {
            RawMemory.settleDown();
        }
        placeAfter(System.nanoTime() - start);
        return stop;
    }

    // Placement, see CpuPlacement.

    private void placeAfter(long guestNanos) {
        if (guestNanos >= CpuPlacement.BURST_NANOS) {
            quickRuns = 0;
            if (place != CpuPlacement.FLOATING) {
                moveTo(CpuPlacement.FLOATING);
            }
        } else if (place == CpuPlacement.FLOATING && ++quickRuns >= CpuPlacement.QUICK_RUNS) {
            quickRuns = 0;
            moveTo(cpus.current());
        }
    }

    private void moveTo(int target) {
        synchronized (kickLock) {
            place = target;
            cpus.put(tracee.tid, target);
            cpus.put(ownerTid, target);
        }
    }

    @Override
    public boolean isComputing() {
        boolean same = traps == trapsSeen;
        trapsSeen = traps;
        return same && inGuest;
    }

    @Override
    public void setAfloat() {
        synchronized (kickLock) {
            if (!closed && inGuest && place != CpuPlacement.FLOATING) {
                moveTo(CpuPlacement.FLOATING);
            }
        }
    }

    private void syscallStop() {
        Registers r = registers;
        boolean native64 = r.cs == Tracee.USER_CS && r.rcx == r.rip && r.r11 == r.eflags;
        trap.kind =
                native64 || tracee.isNativeSyscall() ? Trap.Kind.SYSCALL : Trap.Kind.SYSCALL_COMPAT;
    }

    /** Decodes a stop for a signal; false if it means nothing to the guest. */
    private boolean signalStop(int stop, int request) {
        int signal = stop & 0xff;
        if (stop >> 8 != 0 || !tracee.getSiginfo()) {
            return false; // stopped as by SIGSTOP from outside
        }
        int code = tracee.siginfoCode();
        if (code <= 0) {
            return false; // sent by someone: our kick, whose reason go() looks for, or from outside
        }
        switch (signal) {
            case Signals.SIGTRAP -> {
                boolean step = request == Ptrace.PTRACE_SYSEMU_SINGLESTEP
                        && (code == Signals.TRAP_TRACE || code == Signals.TRAP_BRKPT);
                if (step) {
                    trap.kind = Trap.Kind.STEP;
                } else {
                    trap.setFault(signal, code, tracee.siginfoAddress());
                }
                return true;
            }
            case Signals.SIGSEGV, Signals.SIGBUS, Signals.SIGFPE, Signals.SIGILL -> {
                trap.setFault(signal, code, tracee.siginfoAddress());
                return true;
            }
            case Signals.SIGSYS -> {
                if (code != SI_SYS_SECCOMP) {
                    return false;
                }
                // A call through the vsyscall page; rip is behind it already.
                registers.origRax = tracee.siginfoSyscall();
                trap.kind = Trap.Kind.SYSCALL;
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    @Override
    public void interrupt() {
        interrupted = true;
        kickForFlush();
    }

    /** Makes the stub leave guest code, if it is there, for its owner to look at what is wanted. */
    void kickForFlush() {
        if (inGuest) {
            synchronized (kickLock) {
                if (!closed && inGuest) {
                    tracee.kick();
                }
            }
        }
    }

    // Children and exec.

    @Override
    public Seed cloneContext(CloneMode mode) throws ErrnoException {
        return switch (mode) {
            case SHARE_ADDRESS_SPACE -> cloneThread();
            case COPY_ADDRESS_SPACE -> cloneProcess();
        };
    }

    private Seed cloneThread() throws ErrnoException {
        StubProcess process = space.process;
        process.addThread();
        long tid = -1;
        try {
            synchronized (space.lock) {
                StubImage image = platform.image();
                tid = space.flushAndClone(tracee, CLONE_THREAD_FLAGS, image.parkStart, 0);
            }
        } finally {
            if (tid < 0) {
                process.removeThread();
            }
        }
        cloned(tid);
        return new PtraceSeed(platform, space, (int) tid, registers.copy(), place);
    }

    private Seed cloneProcess() throws ErrnoException {
        PtraceAddressSpace childSpace;
        synchronized (space.lock) {
            StubProcess child = forkStub(platform.image().childProcess);
            childSpace = new PtraceAddressSpace(platform, child, space.copyMapped());
            try {
                space.throwFailure();
            } catch (ErrnoException e) {
                platform.discard(child);
                throw e;
            }
        }
        return new PtraceSeed(
                platform, childSpace, childSpace.process.tgid, registers.copy(), place);
    }

    /** Has the stub make a process of its own kind. Call with the address space's lock held. */
    private StubProcess forkStub(long entry) throws ErrnoException {
        long list = platform.control().allocate();
        long pid = -1;
        try {
            pid = space.flushAndClone(tracee, CLONE_PROCESS_FLAGS, entry, list);
        } finally {
            if (pid < 0) {
                platform.control().free(list);
            }
        }
        cloned(pid);
        StubFiles files = space.process.files;
        files.addProcess();
        StubProcess child = new StubProcess((int) pid, files, list, true);
        platform.register(child);
        return child;
    }

    private static void cloned(long result) throws ErrnoException {
        if (Host.isError(result)) {
            throw result == -Errno.ENOMEM.number
                    ? Errno.ENOMEM.exception()
                    : Errno.EAGAIN.exception();
        }
    }

    @Override
    public AddressSpace resetAddressSpace() throws ErrnoException {
        if (space.process.hasOneThread()) {
            resetInPlace();
        } else {
            resetIntoNewProcess();
        }
        PtracePlatform.initialRegisters(registers);
        vectorState().reset();
        return space;
    }

    private void resetInPlace() {
        clearDebugRegisters();
        PtraceAddressSpace old = space;
        long gadget = platform.image().gadgetSyscall;
        long result = tracee.inject(gadget, Sys.MUNMAP, 0, StubImage.CODE, 0, 0, 0, 0);
        if (Host.isError(result)) {
            throw new SentryBug("munmap of a whole stub result=" + result);
        }
        old.abandon();
        old.removeContext(this);
        space = new PtraceAddressSpace(platform, old.process, new RangeSet());
        space.addContext(this);
    }

    @Override
    public long cpuNanos() {
        StubProcess process;
        int tid;
        long before;
        synchronized (kickLock) {
            process = space.process;
            tid = tracee.tid;
            before = carriedCpuNanos;
        }
        long now = StubUsage.threadNanos(process.tgid, tid);
        return now < 0 ? -1 : before + now;
    }

    private void resetIntoNewProcess() throws ErrnoException {
        PtraceAddressSpace old = space;
        StubProcess child;
        synchronized (old.lock) {
            child = forkStub(platform.image().childFresh);
        }
        Tracee fresh;
        try {
            fresh = platform.seizeParked(child, child.tgid, true);
        } catch (ErrnoException e) {
            platform.discard(child);
            throw e;
        }
        Tracee left;
        synchronized (kickLock) {
            carriedCpuNanos += Math.max(0, StubUsage.threadNanos(old.process.tgid, tracee.tid));
            left = tracee;
            tracee = fresh;
        }
        vector = null;
        usesDebugRegisters = false;
        old.removeContext(this);
        space = new PtraceAddressSpace(platform, child, new RangeSet());
        space.addContext(this);
        platform.leave(old.process, left);
    }

    // Vector state.

    private VectorState vectorState() {
        VectorState state = vector;
        if (state == null) {
            state = new VectorState(tracee);
            vector = state;
        }
        return state;
    }

    @Override
    public int vectorStateSize() {
        return vectorState().size();
    }

    @Override
    public long vectorStateFeatures() {
        return vectorState().features();
    }

    @Override
    public int saveVectorState(byte[] buffer) {
        return vectorState().save(buffer);
    }

    @Override
    public void restoreVectorState(byte[] buffer, int length) {
        vectorState().restore(buffer, Math.min(length, buffer.length));
    }

    @Override
    public void resetVectorState() {
        vectorState().reset();
    }

    // Debug registers: the host keeps them for the stub thread.

    private static final int DEBUG_STATUS = 6;
    private static final int DEBUG_CONTROL = 7;

    @Override
    public void setDebugRegister(int index, long value) throws ErrnoException {
        boolean address = index < DEBUG_STATUS;
        if (address && (value < 0 || value >= platform.maxAddress())) {
            throw Errno.EINVAL.exception(); // stub code is none of the guest's business
        }
        usesDebugRegisters = true;
        long result = tracee.pokeDebugRegister(index, value);
        if (Host.isError(result)) {
            throw Host.exception(result);
        }
    }

    @Override
    public long debugRegister(int index) throws ErrnoException {
        return usesDebugRegisters ? tracee.peekDebugRegister(index) : 0;
    }

    private void clearDebugRegisters() {
        if (usesDebugRegisters) {
            usesDebugRegisters = false;
            tracee.pokeDebugRegister(DEBUG_CONTROL, 0);
            tracee.pokeDebugRegister(DEBUG_STATUS, 0);
            for (int i = 0; i < 4; i++) {
                tracee.pokeDebugRegister(i, 0);
            }
        }
    }

    // End.

    @Override
    public void close() {
        synchronized (kickLock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        space.removeContext(this);
        platform.balancer().remove(this);
        try {
            platform.leave(space.process, tracee);
        } finally {
            if (pinnedByUs) {
                cpus.put(0, CpuPlacement.FLOATING);
            }
            NativeBuffer.releaseScratch(); // tasks end with their thread
        }
    }
}
