// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.GuestText;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.Handover;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.stub.CpuBalancer;
import dev.jvisor.platform.stub.CpuPlacement;
import dev.jvisor.platform.stub.DebugRegisters;
import dev.jvisor.platform.stub.RangeSet;
import dev.jvisor.platform.stub.StubUsage;

/**
 * One guest task: a stub thread and the Java thread that serves it.
 *
 * <p>Between two runs the guest's general registers are in {@link #registers()}; where they go back
 * to, and where vector state is, say {@link #general} and {@link #vector}.
 */
final class SystrapContext implements GuestContext, CpuBalancer.Member {

    private static final int USER_CS = 0x33;
    private static final int USER32_CS = 0x23;
    private static final int USER_SS = 0x2b;
    private static final long FLAGS_FIXED = 0x202;
    private static final long TRAP_FLAG = 0x100;
    private static final int SI_SYS_SECCOMP = 1;
    private static final int PAGE_FAULT = 14;
    private static final int AUDIT_ARCH_X86_64 = 0xc000003e;

    private static final int DEBUG_STATUS = 6;
    private static final int DEBUG_CONTROL = 7;

    private static final int SIGINFO_CODE = 8;
    private static final int SIGINFO_ADDRESS = 16;
    private static final int SIGINFO_ARCH = 28;
    private static final int SIGINFO_SIZE = 128;

    /** A task with so many traps will have more: time to use what is fast once compiled. */
    private static final int SETTLED_TRAPS = 2_000;

    /** A task with fewer traps may be over in a moment: not worth a thread that watches it. */
    private static final int LASTING_TRAPS = 32;

    private static final int RT_SIGRETURN = 15;

    /** How often a thread that was told to end is waited for, each time as long as the timeout. */
    private static final int EXIT_WAITS = 2;

    private final SystrapPlatform platform;
    private final HandoverPolicy policy;
    private final Pairing pairing;
    private final Registers registers = new Registers();
    private final Trap trap = new Trap();
    private final PatchedCalls calls;
    private final long[] words = new long[GeneralRegisters.WORDS];
    private SystrapAddressSpace space;
    private StubThread thread;

    /** CPU time of stub threads that an execve left behind; guarded by kickLock. */
    private long carriedCpuNanos;

    /** The slot here. */
    private long block;

    /** The slot in the stub. */
    private long stubBlock;

    /** Address here of the general registers that are restored. */
    private long general;

    /** Address here of the vector state that is restored; 0: it is in the processor. */
    private long vector;

    private int command;
    private long fsBase;
    /** As the processor has it; the slot's address stands for 0. */
    private long gsBase;

    private boolean usesDebugRegisters;

    private int processId;
    private int threadId;
    private int traps;
    private int trapsSeen; // by the balancer, under its lock

    /** Someone wants {@link #run} to return. */
    private volatile boolean interrupted;

    /** The stub runs guest code, or will soon. */
    private volatile boolean inGuest;

    /** Guards the stub thread's identity against a signal to one that has ended. */
    private final Object kickLock = new Object();

    private boolean closed; // guarded by kickLock

    /** For a thread that waits for the first time, with vector state in its slot. */
    SystrapContext(
            SystrapPlatform platform, SystrapAddressSpace space, StubThread thread, int place) {
        this.platform = platform;
        this.policy = platform.handovers();
        this.space = space;
        this.thread = thread;
        this.pairing = new Pairing(policy, place);
        this.calls = new PatchedCalls(platform, registers, trap);
        adopt();
        place();
        platform.balancer().add(this);
        space.addContext(this);
    }

    private void adopt() {
        block = platform.contexts().address(thread.slot());
        stubBlock = ContextFile.stubAddress(thread.slot());
        fsBase = -1;
        gsBase = -1;
        RawMemory.putInt(block + Block.KICK, 0);
        publishIds(processId, threadId);
        RawMemory.putInt(block + Block.SPINS, pairing.spins());
        useBlock();
    }

    /** Has registers restored from the slot's own places, not from a signal frame. */
    private void useBlock() {
        general = block + Block.REGISTERS;
        vector = block + Block.VECTOR_AREA;
        command = Block.COMMAND_RESTORE_AFRESH;
        RawMemory.putInt(block + Block.COMMAND, command);
        RawMemory.putLong(block + Block.GENERAL, stubBlock + Block.REGISTERS);
        RawMemory.putLong(block + Block.VECTOR, stubBlock + Block.VECTOR_AREA);
    }

    /** Sets the general registers a new program starts with. */
    void initialize() {
        registers.copyFrom(new Registers());
        registers.cs = USER_CS;
        registers.ss = USER_SS;
        registers.eflags = FLAGS_FIXED;
        registers.origRax = -1;
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

    // Running.

    @Override
    public void run() throws ErrnoException {
        go(false);
    }

    @Override
    public void step() throws ErrnoException {
        go(true);
    }

    private void go(boolean step) throws ErrnoException {
        while (true) {
            if (interrupted) {
                interrupted = false;
                trap.kind = Trap.Kind.INTERRUPT;
                return;
            }
            space.commit();
            if (!isLoadable()) {
                return;
            }
            boolean asCalled = command == Block.COMMAND_FAST
                    && !step
                    && registers.rip == words[GeneralRegisters.RIP / Long.BYTES];
            if (!asCalled && calls.emulate(space.sites, step)) {
                return;
            }
            writeRegisters(step);
            // First the flag, then the look at what may be wanted; interrupt() does it the other
            // way
            // round, so one of the two sides sees the other.
            inGuest = true;
            if (interrupted || space.isPatching()) {
                inGuest = false;
                space.awaitPatched();
                continue;
            }
            runGuest();
            if (readStop(step)) {
                return;
            }
        }
    }

    /** Switches to the guest and back, and thinks about where that is done. */
    private void runGuest() {
        boolean move;
        if (pairing.isSpinning()) {
            handOver(HandoverPolicy.SPINS);
            inGuest = false;
            move = pairing.afterSpinning();
        } else {
            if (traps >= LASTING_TRAPS) {
                platform.balancer().watch();
            }
            long start = System.nanoTime();
            int at = pairing.place();
            policy.enterGuest(at);
            try {
                handOver(0);
            } finally {
                inGuest = false;
                policy.leaveGuest(at);
            }
            long now = System.nanoTime();
            move = pairing.after(now, now - start);
        }
        if (++traps == SETTLED_TRAPS) {
            RawMemory.settleDown();
        }
        if (move) {
            place();
        }
    }

    private void place() {
        synchronized (kickLock) {
            RawMemory.putInt(block + Block.SPINS, pairing.spins());
            StubProcess process = space.process;
            pairing.apply(thread.tid(), process.hasOneContext() ? process.tgid : 0);
        }
    }

    @Override
    public boolean isInGuest() {
        return inGuest;
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
            if (!closed && inGuest && !pairing.isSpinning()) {
                pairing.applyFloating(thread.tid());
            }
        }
    }

    /** Lets the stub go on and waits until it stops. */
    private void handOver(int spins) {
        long timeout = platform.timeoutAddress();
        int state = Handover.resume(block + Block.STATE, spins, timeout);
        while (state != Handover.STOPPED && state != Handover.STOPPED_ASLEEP) {
            if (state != Handover.RUNNING && state != Handover.RUNNING_AWAITED
                    || space.process.isDead()) {
                inGuest = false;
                throw lost("stub thread is gone");
            }
            state = Handover.awaitStop(block + Block.STATE, 0, timeout);
        }
    }

    private ContextLostException lost(String reason) {
        space.process.kill();
        return new ContextLostException(reason);
    }

    /** Whether a processor can have these registers; otherwise answers as iretq does. */
    private boolean isLoadable() {
        Registers r = registers;
        boolean code = r.cs == USER_CS || r.cs == USER32_CS;
        if (code && r.isLoadable() && r.rip >= 0 && r.rip < StubCode.LIMIT) {
            return true;
        }
        boolean inStub = r.rip >= StubCode.LIMIT && r.rip < Registers.USER_END;
        if (code && inStub) {
            trap.setFault(Signals.SIGSEGV, Signals.SEGV_MAPERR, r.rip);
        } else {
            trap.setFault(Signals.SIGSEGV, Signals.SI_KERNEL, 0);
        }
        return false;
    }

    private void writeRegisters(boolean step) {
        Registers r = registers;
        boolean others = GeneralRegisters.pack(r, words);
        if (r.fsBase != fsBase) {
            fsBase = r.fsBase;
            RawMemory.putLong(block + Block.FS_BASE, fsBase);
            others = true;
        }
        long gs = r.gsBase == 0 ? stubBlock : r.gsBase;
        if (gs != gsBase) {
            gsBase = gs;
            RawMemory.putLong(block + Block.GS_BASE, gsBase);
            others = true;
        }
        if (command == Block.COMMAND_FAST && (others || step)) {
            setCommand(Block.COMMAND_RESTORE_AFRESH);
        }
        if (command == Block.COMMAND_FAST) {
            RawMemory.putLong(general + GeneralRegisters.RAX, r.rax);
            return;
        }
        if (step) {
            words[GeneralRegisters.FLAGS / Long.BYTES] |= TRAP_FLAG;
        }
        words[GeneralRegisters.RIP / Long.BYTES] = PatchedCalls.entry(space.sites, r.rip);
        RawMemory.put(general, words, 0, GeneralRegisters.RESTORED_WORDS);
    }

    private void setCommand(int value) {
        command = value;
        RawMemory.putInt(block + Block.COMMAND, value);
    }

    // Stops. What is read here was written by the stub or by a guest that pretends to be one.

    /** Decodes a stop; false if it means nothing to the guest. */
    private boolean readStop(boolean step) {
        switch (RawMemory.getInt(block + Block.KIND)) {
            case Block.KIND_SIGNAL -> {
                return signalStop(step);
            }
            case Block.KIND_CALL -> {
                callStop();
                return true;
            }
            case Block.KIND_RESTORE -> {
                return restoreStop(step);
            }
            default -> throw lost("stub tells nonsense");
        }
    }

    private boolean signalStop(boolean step) {
        long frame = fromStub(RawMemory.getLong(block + Block.FRAME), StubCode.CONTEXT_VECTOR + 8);
        long info = fromStub(RawMemory.getLong(block + Block.INFO), SIGINFO_SIZE);
        long vectorAddress = RawMemory.getLong(block + Block.VECTOR);
        vector = fromStub(vectorAddress, platform.vectors().size());
        general = frame + StubCode.CONTEXT_REGISTERS;
        setCommand(Block.COMMAND_RESTORE);
        RawMemory.get(general, words, 0, GeneralRegisters.WORDS);
        Registers r = registers;
        boolean ownTrapFlag = (r.eflags & TRAP_FLAG) != 0;
        GeneralRegisters.unpack(words, r);
        if (step && !ownTrapFlag) {
            r.eflags &= ~TRAP_FLAG;
        }
        fsBase = RawMemory.getLong(block + Block.FS_BASE);
        gsBase = RawMemory.getLong(block + Block.GS_BASE);
        r.fsBase = fsBase;
        r.gsBase = gsBase == stubBlock ? 0 : gsBase;
        r.origRax = -1;
        if (r.rip >= StubCode.LIMIT) {
            calls.leaveOurCode(space.sites);
        }
        return decode(RawMemory.getInt(block + Block.SIGNAL), info, step);
    }

    /** Returns the address here of something in the slot; ends the process if it is not there. */
    private long fromStub(long address, int size) {
        long offset = address - stubBlock;
        if (offset < Block.VECTOR_AREA || offset > Block.SLOT_SIZE - size || (offset & 7) != 0) {
            throw lost("stub tells a wrong address");
        }
        return block + offset;
    }

    private boolean decode(int signal, long info, boolean step) {
        int code = RawMemory.getInt(info + SIGINFO_CODE);
        if (code <= 0) {
            return false; // sent by someone: our kick, whose reason go() looks for, or from outside
        }
        switch (signal) {
            case Signals.SIGSYS -> {
                if (code != SI_SYS_SECCOMP) {
                    return false;
                }
                syscall(RawMemory.getInt(info + SIGINFO_ARCH));
                return true;
            }
            case Signals.SIGTRAP -> {
                if (step && (code == Signals.TRAP_TRACE || code == Signals.TRAP_BRKPT)) {
                    trap.kind = Trap.Kind.STEP;
                    return true;
                }
                trap.setFault(signal, code, RawMemory.getLong(info + SIGINFO_ADDRESS));
                return true;
            }
            case Signals.SIGSEGV, Signals.SIGBUS, Signals.SIGFPE, Signals.SIGILL -> {
                if (signal == Signals.SIGILL && calls.decode(space.sites)) {
                    return true;
                }
                trap.setFault(signal, code, RawMemory.getLong(info + SIGINFO_ADDRESS));
                if (words[GeneralRegisters.TRAP_NUMBER / Long.BYTES] == PAGE_FAULT) {
                    trap.errorCode = words[GeneralRegisters.ERROR / Long.BYTES];
                }
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private void syscall(int architecture) {
        Registers r = registers;
        trap.kind =
                architecture == AUDIT_ARCH_X86_64 ? Trap.Kind.SYSCALL : Trap.Kind.SYSCALL_COMPAT;
        if (r.rip >= StubCode.LIMIT && r.rip < Registers.USER_END) {
            // The guest jumped into the stub's text, where Linux has nothing.
            trap.setFault(Signals.SIGSEGV, Signals.SEGV_MAPERR, r.rip);
            return;
        }
        r.origRax = r.rax;
        r.rax = PatchedCalls.NO_RESULT;
        trap.hotSite = calls.isHot(r.rip);
    }

    // Patched call sites, see PatchedCalls.

    @Override
    public void publishIds(int processId, int threadId) {
        this.processId = processId;
        this.threadId = threadId;
        RawMemory.putLong(block + Block.PROCESS_ID, processId);
        RawMemory.putLong(block + Block.THREAD_ID, threadId);
    }

    @Override
    public void patchCallSite(GuestText text) {
        if (registers.origRax >= 0 && registers.origRax != RT_SIGRETURN) {
            space.patch(this, text, registers.rip, registers.origRax);
        }
    }

    private void callStop() {
        general = block + Block.REGISTERS;
        vector = 0;
        setCommand(Block.COMMAND_FAST);
        RawMemory.get(general, words, 0, GeneralRegisters.WORDS);
        GeneralRegisters.unpack(words, registers);
        fsBase = RawMemory.getLong(block + Block.FS_BASE);
        gsBase = stubBlock;
        registers.fsBase = fsBase;
        registers.gsBase = 0;
        calls.called();
    }

    /** Stopped before any guest code has run: registers are what they were. */
    private boolean restoreStop(boolean step) {
        int signal = RawMemory.getInt(block + Block.SIGNAL);
        long vectorAddress = RawMemory.getLong(block + Block.VECTOR);
        if (vectorAddress != 0) {
            vector = fromStub(vectorAddress, platform.vectors().size());
            if (vector != block + Block.VECTOR_AREA) {
                platform.vectors().copy(vector, block + Block.VECTOR_AREA);
            }
            useBlock();
            RawMemory.put(general, words, 0, GeneralRegisters.RESTORED_WORDS);
        }
        switch (signal) {
            case Signals.SIGSEGV, Signals.SIGBUS, Signals.SIGFPE, Signals.SIGILL -> {
                // The processor refuses what the guest made of its state.
                vectorInMemory();
                platform.vectors().reset(vector);
                trap.setFault(Signals.SIGSEGV, Signals.SI_KERNEL, 0);
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
        if (inGuest) {
            synchronized (kickLock) {
                if (!closed && inGuest) {
                    // The word for a stub that is about to enter guest code and ignores signals.
                    RawMemory.putInt(block + Block.KICK, 1);
                    HostProcess.tgkill(space.process.tgid, thread.tid(), StubCode.KICK_SIGNAL);
                }
            }
        }
    }

    // Children and exec.

    /** Takes a slot for a child, with this context's vector state. */
    private long newChildSlot() throws ErrnoException {
        long slot = platform.newSlot();
        long to = platform.contexts().address(slot) + Block.VECTOR_AREA;
        vectorInMemory();
        platform.vectors().copy(vector, to);
        return slot;
    }

    @Override
    public Seed cloneContext(CloneMode mode) throws ErrnoException {
        return switch (mode) {
            case SHARE_ADDRESS_SPACE -> cloneThread();
            case COPY_ADDRESS_SPACE -> cloneProcess();
        };
    }

    private Seed cloneThread() throws ErrnoException {
        StubProcess process = space.process;
        process.addContext();
        StubThread child = process.unpark();
        if (child != null) {
            long to = platform.contexts().address(child.slot()) + Block.VECTOR_AREA;
            vectorInMemory();
            platform.vectors().copy(vector, to);
            return new SystrapSeed(
                    platform, space, child.slot(), child, registers.copy(), pairing.place());
        }
        long slot = -1;
        try {
            slot = newChildSlot();
            child = space.makeThread(slot);
        } catch (ErrnoException | RuntimeException e) {
            process.removeContext();
            if (slot >= 0) {
                platform.contexts().free(slot);
            }
            throw e;
        }
        return new SystrapSeed(platform, space, slot, child, registers.copy(), pairing.place());
    }

    private Seed cloneProcess() throws ErrnoException {
        long slot = newChildSlot();
        SystrapAddressSpace childSpace;
        try {
            childSpace = space.fork(slot);
        } catch (ErrnoException | RuntimeException e) {
            platform.contexts().free(slot);
            throw e;
        }
        return new SystrapSeed(platform, childSpace, slot, null, registers.copy(), pairing.place());
    }

    @Override
    public AddressSpace resetAddressSpace() throws ErrnoException {
        clearDebugRegisters();
        if (space.process.hasOneContext()) {
            space.abandonInPlace();
            space.removeContext(this);
            space = new SystrapAddressSpace(platform, space.process, new RangeSet());
            space.addContext(this);
            useBlock();
        } else {
            resetIntoNewProcess();
        }
        initialize();
        platform.vectors().reset(vector);
        return space;
    }

    /** What the stub threads have used, spinning included: an upper bound. */
    @Override
    public long cpuNanos() {
        int process;
        int tid;
        long before;
        synchronized (kickLock) {
            process = space.process.tgid;
            tid = thread.tid();
            before = carriedCpuNanos;
        }
        long now = StubUsage.threadNanos(process, tid);
        return now < 0 ? -1 : before + now;
    }

    private void resetIntoNewProcess() throws ErrnoException {
        SystrapAddressSpace old = space;
        StubThread left = thread;
        long slot = newChildSlot();
        SystrapAddressSpace fresh;
        try {
            fresh = old.forkEmpty(slot);
        } catch (ErrnoException | RuntimeException e) {
            platform.contexts().free(slot);
            throw e;
        }
        StubThread first;
        try {
            first = fresh.awaitFirstThread(slot);
        } catch (ErrnoException | RuntimeException e) {
            platform.discard(fresh.process);
            platform.contexts().free(slot);
            throw e;
        }
        synchronized (kickLock) {
            carriedCpuNanos += Math.max(0, StubUsage.threadNanos(old.process.tgid, left.tid()));
            space = fresh;
            thread = first;
            adopt();
        }
        place();
        old.removeContext(this);
        fresh.addContext(this);
        leave(platform, old, left);
    }

    // Vector state.

    /** Makes sure that vector state is in memory. */
    private void vectorInMemory() {
        if (vector == 0) {
            setCommand(Block.COMMAND_SAVE_VECTOR);
            handOver(pairing.spins());
            useBlock();
        }
    }

    @Override
    public int vectorStateSize() {
        return platform.vectors().size();
    }

    @Override
    public long vectorStateFeatures() {
        return platform.vectors().features();
    }

    @Override
    public int saveVectorState(byte[] buffer) {
        vectorInMemory();
        return platform.vectors().get(vector, buffer);
    }

    @Override
    public void restoreVectorState(byte[] buffer, int length) {
        vectorInMemory();
        platform.vectors().put(vector, buffer, Math.min(length, buffer.length));
    }

    @Override
    public void resetVectorState() {
        vectorInMemory();
        platform.vectors().reset(vector);
    }

    // End.

    // Debug registers.

    @Override
    public void setDebugRegister(int index, long value) throws ErrnoException {
        boolean address = index < DEBUG_STATUS;
        if (address && (value < 0 || value >= StubCode.LIMIT)) {
            throw Errno.EINVAL.exception(); // stub code is none of the guest's business
        }
        if (value != 0 || usesDebugRegisters) {
            usesDebugRegisters = true;
            DebugRegisters.set(thread.tid(), index, value);
        }
    }

    @Override
    public long debugRegister(int index) throws ErrnoException {
        return usesDebugRegisters ? DebugRegisters.get(thread.tid(), index) : 0;
    }

    /** The stub thread may serve another task. */
    private void clearDebugRegisters() {
        if (usesDebugRegisters) {
            usesDebugRegisters = false;
            try {
                DebugRegisters.set(thread.tid(), DEBUG_CONTROL, 0);
                for (int i = 0; i < DEBUG_STATUS - 2; i++) {
                    DebugRegisters.set(thread.tid(), i, 0);
                }
            } catch (ErrnoException e) {
                // The thread is gone.
            }
        }
    }

    @Override
    public void close() {
        synchronized (kickLock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        clearDebugRegisters();
        pairing.stopSpinning();
        platform.balancer().remove(this);
        space.removeContext(this);
        try {
            leave(platform, space, thread);
        } finally {
            policy.cpus.put(0, CpuPlacement.FLOATING);
            NativeBuffer.releaseScratch(); // tasks end with their thread
        }
    }

    /** Gives up a thread that has or was to have a context. */
    static void leave(SystrapPlatform platform, SystrapAddressSpace space, StubThread thread) {
        // Counted until it is done: the last one takes the process with it.
        if (!space.process.hasOneContext()) {
            retire(platform, space, thread);
        }
        if (space.process.removeContext()) {
            platform.discard(space.process);
        }
    }

    /** Parks or ends a stopped thread of a process that goes on. */
    private static void retire(
            SystrapPlatform platform, SystrapAddressSpace space, StubThread thread) {
        StubProcess process = space.process;
        long block = platform.contexts().address(thread.slot());
        int state = RawMemory.getInt(block + Block.STATE);
        boolean stopped = state == Handover.STOPPED || state == Handover.STOPPED_ASLEEP;
        if (stopped && process.park(thread)) {
            return;
        }
        try {
            if (stopped) {
                RawMemory.putInt(block + Block.COMMAND, Block.COMMAND_EXIT);
                state = Handover.resume(block + Block.STATE, 0, platform.timeoutAddress());
            }
            for (int i = 0; i < EXIT_WAITS && state != Handover.ENDED; i++) {
                state = Handover.awaitStop(block + Block.STATE, 0, platform.timeoutAddress());
            }
            if (state == Handover.ENDED) {
                space.unmapSlot(thread);
            } else {
                process.kill(); // its slot is collected with the process
            }
        } catch (ContextLostException gone) {
            // Collected with the process, too.
        }
    }
}
