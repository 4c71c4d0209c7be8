// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R11;
import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R14;
import static dev.jvisor.platform.asm.Reg.R15;
import static dev.jvisor.platform.asm.Reg.R8;
import static dev.jvisor.platform.asm.Reg.R9;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBP;
import static dev.jvisor.platform.asm.Reg.RBX;
import static dev.jvisor.platform.asm.Reg.RCX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;
import static dev.jvisor.platform.asm.Reg.RSP;

import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.host.Handover;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.StubFiles;
import dev.jvisor.platform.stub.StubProgram;

import java.util.Arrays;

/**
 * The stub program: what a host process runs that holds a guest address space.
 *
 * <p>Two kinds of threads share the process. The <em>agent</em> never runs guest code; it executes
 * lists of calls (mmap, clone, ...) that the Sentry writes, and keeps all its state in registers
 * and in pages that the process cannot write, so nothing the guest does can change what it does. A
 * <em>guest thread</em> runs guest code under a second filter that leaves it nothing but to wait,
 * to return from a signal and to end; its calls and faults are signals whose handler hands over to
 * the Sentry.
 *
 * <pre>
 *   LIMIT = TEXT   this code and the filters                       read, execute
 *   LIST           command list of this process                    read
 *   SCRATCH        mapped only while a descriptor is received
 *   SITES          code that patched call sites jump to            read, execute
 *   CONTEXTS       a slot for each guest thread ({@link Block})    read, write
 * </pre>
 *
 * The guest can read all of this and jump into it. See the chapter on systrap for why that gains it
 * nothing.
 */
final class StubCode {

    static final int PAGE = ControlFile.PAGE;

    /** End of what a guest may map. */
    static final long LIMIT = 0x7fff_c000_0000L;

    static final long TEXT = LIMIT;
    static final int TEXT_SIZE = 2 * PAGE;
    static final long LIST = LIMIT + 0x10_0000;
    static final long SCRATCH = LIMIT + 0x11_0000;

    /** Code of patched call sites, see {@link SiteFile}. */
    static final long SITES = LIMIT + 0x20_0000;

    /** A multiple of its size, so that a shift tells whether an address is in it. */
    static final long CONTEXTS = LIMIT + 0x2000_0000;

    private static final int CONTEXTS_SHIFT = 29;
    static final int SLOTS_COUNT = 16383;
    static final long CONTEXTS_SIZE = (long) SLOTS_COUNT * Block.SLOT_SIZE;

    static final int CONTEXT_FD = StubFiles.SOCKET_FD + 1;
    static final int SITE_FD = CONTEXT_FD + 1;
    static final int IMAGE_FD = SITE_FD + 1;

    /** Words of a list's page, from {@link ControlFile#HEADER} on; written by the Sentry. */
    static final int SEQUENCE = ControlFile.HEADER;

    static final int COUNT = ControlFile.HEADER + 4;
    /** Address of the first entry. */
    static final int FIRST = ControlFile.HEADER + 8;
    /** How often the agent looks for a command before it sleeps. */
    static final int SPINS = ControlFile.HEADER + 16;
    /** Whether the last result has to be told although nothing failed. */
    static final int WANT_RESULT = ControlFile.HEADER + 20;

    /**
     * Words that the agent writes, through the descriptor: the page cannot be written by the guest.
     */
    static final int DONE = ControlFile.HEADER + 64;

    static final int RESULT = ControlFile.HEADER + 68;
    static final int LEFT = ControlFile.HEADER + 72;

    /** Signal that makes a stub thread leave guest code. */
    static final int KICK_SIGNAL = Signals.SIGURG;

    private static final int FILTERS_OFFSET = PAGE;

    private static final int PROT_READ = 1;
    private static final int MAP_SHARED_FIXED = 0x11;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_SET_NAME = 15;
    private static final int RLIMIT_CORE = 4;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int SIG_SETMASK = 2;
    private static final int SIGSET_BYTES = 8;
    private static final int SIGNALS_END = 65;
    private static final int FUTEX_WAKE = 1;
    private static final int USER_CS = 0x33;
    private static final int USER_SS = 0x2b;
    /** SA_SIGINFO, SA_RESTORER, SA_ONSTACK, SA_NODEFER. */
    private static final int HANDLER_FLAGS = 0x4 | 0x4000000 | 0x8000000 | 0x40000000;

    /** Signals that the handler gets; all others are ignored. */
    private static final int[] HANDLED = {
        Signals.SIGSYS,
        Signals.SIGSEGV,
        Signals.SIGBUS,
        Signals.SIGFPE,
        Signals.SIGILL,
        Signals.SIGTRAP,
        KICK_SIGNAL,
    };

    /** Offsets in a {@code ucontext_t}. */
    static final int CONTEXT_REGISTERS = 40;

    private static final int CONTEXT_RIP = CONTEXT_REGISTERS + GeneralRegisters.RIP;
    static final int CONTEXT_VECTOR = CONTEXT_REGISTERS + GeneralRegisters.SIZE;
    private static final int SIGINFO_CODE = 8;

    /** The image file: boot code, then the text. */
    final byte[] file;

    /** Where the child of a clone(2) of a process continues; r9 is its list's offset. */
    final long childProcess;

    /** As {@link #childProcess}, but removes all guest mappings first. */
    final long childFresh;

    /** Where the code of a patched call site goes, with the address of the site's data in r11. */
    final long call;

    /** An undefined instruction: a patched call by a guest that uses GS itself. */
    final long callSlow;

    /** As {@link #call} for getpid(2) and gettid(2). */
    final long processId;

    final long threadId;

    /** Where code for those two lies; r11 has the address of the site's data there. */
    final long answersStart;

    final long answersEnd;

    /** Where a guest thread starts; rsp is its slot's {@link Block#STACK_TOP}. */
    final long threadStart;

    private final Label stage2 = new Label();
    private final Label handler = new Label();
    private final Label restorer = new Label();
    private final Label inText = new Label();
    private final Label handOver = new Label();
    private final Label handOverKind = new Label();
    private final Label wait = new Label();
    private final Label go = new Label();
    private final Label kicked = new Label();
    private final Label restoreStart = new Label();
    private final Label restore = new Label();
    private final Label restoreAfresh = new Label();
    private final Label fast = new Label();
    private final Label restoreEnd = new Label();
    private final Label exit = new Label();
    private final Label saveVector = new Label();
    private final Label callEntry = new Label();
    private final Label callTrap = new Label();
    private final Label answerStart = new Label();
    private final Label answerEnd = new Label();
    private final Label answerProcess = new Label();
    private final Label answerThread = new Label();
    private final Label agent = new Label();
    private final Label start = new Label();
    private final Label process = new Label();
    private final Label fresh = new Label();
    private final Label orphan = new Label();
    private final Label listFailed = new Label();
    private final Label bytesTable = new Label();
    private final Label zeroes = new Label();
    private final Label capHeader = new Label();
    private final Label name = new Label();
    private final Label action = new Label();
    private final Label ignore = new Label();

    private final int parentPid;

    StubCode(int parentPid) {
        this.parentPid = parentPid;
        byte[] text = text();
        byte[] boot = boot(stage2.position());
        file = new byte[PAGE + TEXT_SIZE];
        System.arraycopy(boot, 0, file, 0, boot.length);
        System.arraycopy(text, 0, file, PAGE, text.length);
        childProcess = TEXT + process.position();
        childFresh = TEXT + fresh.position();
        threadStart = TEXT + start.position();
        call = TEXT + callEntry.position();
        callSlow = TEXT + callTrap.position();
        answersStart = TEXT + answerStart.position();
        answersEnd = TEXT + answerEnd.position();
        processId = TEXT + answerProcess.position();
        threadId = TEXT + answerThread.position();
    }

    private byte[] text() {
        byte[] agentFilter = StubFilters.agent().toBytes();
        byte[] guestFilter = StubFilters.guest().toBytes();
        int agentProgram = FILTERS_OFFSET + 32;
        int guestProgram = agentProgram + agentFilter.length;
        Assembler a = new Assembler();
        handler(a);
        waiting(a);
        restoring(a);
        call(a);
        a.bind(answerStart);
        answer(a, answerProcess, Block.PROCESS_ID);
        answer(a, answerThread, Block.THREAD_ID);
        a.bind(answerEnd);
        threadStart(a);
        agent(a);
        childProcess(a);
        stage2(a);
        data(a);
        if (a.position() > FILTERS_OFFSET || guestProgram + guestFilter.length > TEXT_SIZE) {
            throw new IllegalStateException("stub code too long bytes=" + a.position());
        }
        byte[] bytes = Arrays.copyOf(a.toBytes(), TEXT_SIZE);
        Assembler programs = new Assembler();
        programs.dq(agentFilter.length / 8).dq(TEXT + agentProgram);
        programs.dq(guestFilter.length / 8).dq(TEXT + guestProgram);
        System.arraycopy(programs.toBytes(), 0, bytes, FILTERS_OFFSET, 32);
        System.arraycopy(agentFilter, 0, bytes, agentProgram, agentFilter.length);
        System.arraycopy(guestFilter, 0, bytes, guestProgram, guestFilter.length);
        return bytes;
    }

    // Guest threads. rbx is the address of the slot.

    /** A signal: rdi its number, rsi the siginfo_t, rdx the ucontext_t, on the signal stack. */
    private void handler(Assembler a) {
        Label normal = new Label();
        Label notRestoring = new Label();
        Label notAnswering = new Label();
        a.bind(handler);
        a.movReg(RBX, RSP).and(RBX, -Block.SLOT_SIZE);
        a.load(RAX, RDX, CONTEXT_RIP).mov(RCX, TEXT).subReg(RAX, RCX);
        a.cmp(RAX, TEXT_SIZE).jcc(Assembler.BELOW, inText);
        a.bind(normal);
        a.store32(RBX, Block.SIGNAL, RDI).store(RBX, Block.FRAME, RDX).store(RBX, Block.INFO, RSI);
        a.lea(RAX, RDX, CONTEXT_REGISTERS).store(RBX, Block.GENERAL, RAX);
        a.load(RAX, RDX, CONTEXT_VECTOR).store(RBX, Block.VECTOR, RAX);
        a.readFsBase(RAX).store(RBX, Block.FS_BASE, RAX);
        a.readGsBase(RAX).store(RBX, Block.GS_BASE, RAX);
        a.mov(RAX, Block.KIND_SIGNAL).jmp(handOverKind);

        a.bind(inText);
        a.movReg(RCX, RAX);
        a.lea(RAX, restoreStart).mov(R8, TEXT).subReg(RAX, R8).cmpReg(RCX, RAX);
        a.jcc(Assembler.BELOW, notRestoring);
        a.lea(RAX, restoreEnd).subReg(RAX, R8).cmpReg(RCX, RAX);
        a.jcc(Assembler.ABOVE_EQUAL, notRestoring);
        // The state is where it was. If vector state was in the processor it is in the frame now.
        Label keep = new Label();
        a.store32(RBX, Block.SIGNAL, RDI);
        a.load(RAX, RBX, Block.VECTOR).test(RAX).jcc(Assembler.NOT_EQUAL, keep);
        a.load(RAX, RDX, CONTEXT_VECTOR).store(RBX, Block.VECTOR, RAX);
        a.bind(keep);
        a.mov(RAX, Block.KIND_RESTORE).jmp(handOverKind);
        a.bind(notRestoring);
        // Answers to calls are guest code as far as signals go.
        a.lea(RAX, answerStart).subReg(RAX, R8).cmpReg(RCX, RAX);
        a.jcc(Assembler.BELOW, notAnswering);
        a.lea(RAX, answerEnd).subReg(RAX, R8).cmpReg(RCX, RAX).jcc(Assembler.BELOW, normal);
        a.bind(notAnswering);
        // A signal that somebody sent: the thread is on its way to the Sentry or there.
        a.load32(RAX, RSI, SIGINFO_CODE).test32(RAX).jcc(Assembler.EQUAL, restorer);
        a.jcc(Assembler.SIGN, restorer).jmp(normal);
        a.bind(restorer);
        a.movReg(RSP, RDX).mov(RAX, Sys.RT_SIGRETURN).syscall().ud2();
    }

    private void waiting(Assembler a) {
        Label sleep = new Label();
        Label doze = new Label();
        a.bind(handOverKind);
        a.store32(RBX, Block.KIND, RAX);
        a.bind(handOver);
        a.mov(RAX, Handover.STOPPED).exchange32(RBX, Block.STATE, RAX);
        a.cmp32(RAX, Handover.RUNNING_AWAITED).jcc(Assembler.NOT_EQUAL, wait);
        a.mov(RAX, Sys.FUTEX).movReg(RDI, RBX).mov(RSI, FUTEX_WAKE).mov(RDX, 1).syscall();
        a.bind(wait);
        a.load32(RCX, RBX, Block.SPINS);
        Label spin = a.here();
        a.load32(RAX, RBX, Block.STATE).cmp32(RAX, Handover.RUNNING).jcc(Assembler.EQUAL, go);
        a.cmp32(RAX, Handover.RUNNING_AWAITED).jcc(Assembler.EQUAL, go); // it sleeps already
        a.test(RCX).jcc(Assembler.EQUAL, sleep);
        a.pause().dec(RCX).jmp(spin);
        a.bind(sleep);
        a.mov(RAX, Handover.STOPPED).mov(RDX, Handover.STOPPED_ASLEEP);
        a.compareExchange32(RBX, Block.STATE, RDX);
        a.bind(doze);
        a.load32(RAX, RBX, Block.STATE).cmp32(RAX, Handover.STOPPED_ASLEEP);
        a.jcc(Assembler.NOT_EQUAL, wait);
        a.movReg(RDI, RBX).xor32(RSI, RSI).movReg32(RDX, RAX).xor32(R10, R10);
        a.mov(RAX, Sys.FUTEX).syscall().jmp(doze);

        a.bind(go);
        a.load32(RAX, RBX, Block.COMMAND);
        a.cmp32(RAX, Block.COMMAND_FAST).jcc(Assembler.EQUAL, fast);
        a.cmp32(RAX, Block.COMMAND_RESTORE).jcc(Assembler.EQUAL, restore);
        a.cmp32(RAX, Block.COMMAND_SAVE_VECTOR).jcc(Assembler.EQUAL, saveVector);
        a.cmp32(RAX, Block.COMMAND_EXIT).jcc(Assembler.NOT_EQUAL, restoreAfresh);
        a.bind(exit);
        a.xor32(RDI, RDI).mov(RAX, Sys.EXIT).syscall().ud2();

        a.bind(saveVector);
        a.lea(RDI, RBX, Block.VECTOR_AREA).mov(RAX, -1).mov(RDX, -1).xsave(RDI);
        a.store(RBX, Block.VECTOR, RDI).jmp(handOver);

        a.bind(kicked);
        a.storeImmediate32(RBX, Block.KICK, 0).storeImmediate32(RBX, Block.SIGNAL, KICK_SIGNAL);
        a.mov(RAX, Block.KIND_RESTORE).jmp(handOverKind);
    }

    /**
     * From here to the end, a signal means: again. Nothing that is needed for that is overwritten:
     * on the signal stack, rsp stays below the frame that registers come from.
     */
    private void restoring(Assembler a) {
        Label general = new Label();
        a.bind(restoreStart);
        a.bind(restoreAfresh);
        a.load(RSP, RBX, Block.STACK);
        a.bind(restore);
        a.load32(RAX, RBX, Block.KICK).test32(RAX).jcc(Assembler.NOT_EQUAL, kicked);
        a.pushImmediate(2).popFlags(); // iretq does not like NT
        a.load(RDI, RBX, Block.VECTOR).test(RDI).jcc(Assembler.EQUAL, general);
        a.mov(RAX, -1).mov(RDX, -1).xrstor(RDI);
        a.bind(general);
        a.load(RAX, RBX, Block.FS_BASE).writeFsBase(RAX);
        a.load(RAX, RBX, Block.GS_BASE).writeGsBase(RAX);
        a.load(RSI, RBX, Block.GENERAL);
        a.pushImmediate(USER_SS).pushMemory(RSI, GeneralRegisters.RSP);
        a.pushMemory(RSI, GeneralRegisters.FLAGS);
        a.load32(RAX, RSI, GeneralRegisters.SELECTORS).and(RAX, 0xffff).push(RAX);
        a.pushMemory(RSI, GeneralRegisters.RIP);
        for (int i = 0; i < 8; i++) {
            a.load(R8 + i, RSI, GeneralRegisters.R8 + i * 8);
        }
        a.load(RDI, RSI, GeneralRegisters.RDI).load(RBP, RSI, GeneralRegisters.RBP);
        a.load(RBX, RSI, GeneralRegisters.RBX).load(RDX, RSI, GeneralRegisters.RDX);
        a.load(RAX, RSI, GeneralRegisters.RAX).load(RCX, RSI, GeneralRegisters.RCX);
        a.load(RSI, RSI, GeneralRegisters.RSI);
        a.iretq();

        a.bind(fast);
        a.load32(RAX, RBX, Block.KICK).test32(RAX).jcc(Assembler.NOT_EQUAL, kicked);
        int general0 = Block.REGISTERS;
        a.pushMemory(RBX, general0 + GeneralRegisters.FLAGS).popFlags();
        a.load(RAX, RBX, general0 + GeneralRegisters.RAX);
        a.load(RDI, RBX, general0 + GeneralRegisters.RDI);
        a.load(RSI, RBX, general0 + GeneralRegisters.RSI);
        a.load(RDX, RBX, general0 + GeneralRegisters.RDX);
        a.load(R10, RBX, general0 + GeneralRegisters.R10);
        a.load(RCX, RBX, general0 + GeneralRegisters.RCX);
        a.load(R11, RBX, general0 + GeneralRegisters.R11);
        a.load(RSP, RBX, general0 + GeneralRegisters.RSP);
        a.load(RBX, RBX, general0 + GeneralRegisters.RBX);
        a.jmpGs(Block.RESUME);
        a.bind(restoreEnd);
    }

    /**
     * A patched call. As after a syscall instruction, rcx and r11 are free; flags are not, so the
     * question whether GS is ours is asked without them.
     */
    private void call(Assembler a) {
        int general = Block.REGISTERS;
        a.bind(callEntry);
        askWhoseGs(a);
        a.db(0xe3).db(2); // jrcxz over the ud2
        a.bind(callTrap);
        a.ud2();
        a.storeGs(general + GeneralRegisters.RBX, RBX).readGsBase(RBX);
        a.store(RBX, general + GeneralRegisters.RSP, RSP).load(RSP, RBX, Block.STACK);
        a.pushFlags().popMemory(RBX, general + GeneralRegisters.FLAGS);
        a.store(RBX, general + GeneralRegisters.RAX, RAX);
        a.store(RBX, general + GeneralRegisters.RDI, RDI);
        a.store(RBX, general + GeneralRegisters.RSI, RSI);
        a.store(RBX, general + GeneralRegisters.RDX, RDX);
        a.store(RBX, general + GeneralRegisters.RBP, RBP);
        for (int i = 0; i < 8; i++) {
            if (R8 + i != R11) {
                a.store(RBX, general + GeneralRegisters.R8 + i * 8, R8 + i);
            }
        }
        a.load(RCX, R11, SiteFile.RETURN_OFFSET);
        a.store(RBX, general + GeneralRegisters.RIP, RCX);
        a.store(RBX, general + GeneralRegisters.RCX, RCX);
        a.load(RCX, R11, SiteFile.RESUME_OFFSET).store(RBX, Block.RESUME, RCX);
        a.load(RCX, RBX, general + GeneralRegisters.FLAGS);
        a.store(RBX, general + GeneralRegisters.R11, RCX);
        a.mov(RCX, USER_CS).store(RBX, general + GeneralRegisters.SELECTORS, RCX);
        a.lea(RCX, RBX, general).store(RBX, Block.GENERAL, RCX);
        a.xor32(RCX, RCX).store(RBX, Block.VECTOR, RCX);
        a.readFsBase(RCX).store(RBX, Block.FS_BASE, RCX).store(RBX, Block.GS_BASE, RBX);
        a.mov(RAX, Block.KIND_CALL).jmp(handOverKind);
    }

    /** Sets rcx to 0 if GS is ours. */
    private static void askWhoseGs(Assembler a) {
        a.readGsBase(RCX);
        a.bytes(new byte[] {(byte) 0xc4, (byte) 0xe3, (byte) 0xfb, (byte) 0xf0, (byte) 0xc9});
        a.db(CONTEXTS_SHIFT); // rorx rcx, rcx, 29
        a.movReg32(RCX, RCX);
        a.db(0x8d).db(0x89).dd(-(int) (CONTEXTS >>> CONTEXTS_SHIFT)); // lea ecx, [rcx - ...]
    }

    /** A patched call whose answer may be in the slot. */
    private void answer(Assembler a, Label entry, int word) {
        a.bind(entry);
        askWhoseGs(a);
        a.db(0xe3).db(5); // jrcxz over the jump
        a.jmp(callEntry);
        a.loadGs(RCX, word);
        a.db(0xe3).db(3 + 7 + 7); // jrcxz to the jump at the end
        a.movReg(RAX, RCX).load(RCX, R11, SiteFile.RETURN_OFFSET);
        a.db(0x41).db(0xff).db(0xa3).dd(SiteFile.RESUME_OFFSET); // jmp [r11 + ...]
        a.jmp(callEntry);
    }

    /** All signals are blocked, and no memory is trusted, until the guest's filter is in place. */
    private void threadStart(Assembler a) {
        a.bind(start);
        a.movReg(RBX, RSP).and(RBX, -Block.SLOT_SIZE);
        a.lea(RDI, RBX, Block.SIGNAL_STACK)
                .xor32(RSI, RSI)
                .mov(RAX, Sys.SIGALTSTACK)
                .syscall();
        a.test(RAX).jcc(Assembler.NOT_EQUAL, exit);
        a.mov(RAX, Sys.SECCOMP).mov(RDI, 1).xor32(RSI, RSI);
        a.mov(RDX, TEXT + FILTERS_OFFSET + 16).syscall();
        a.test(RAX).jcc(Assembler.NOT_EQUAL, exit);
        a.mov(RAX, Sys.RT_SIGPROCMASK).mov(RDI, SIG_SETMASK).lea(RSI, zeroes);
        a.xor32(RDX, RDX).mov(R10, SIGSET_BYTES).syscall().jmp(wait);
    }

    // The agent. r12 is LIST, r13 the list's offset in the control file, r14 the last sequence
    // number
    // that was executed; no memory is used but LIST and this text.

    private void agent(Assembler a) {
        Label execute = new Label();
        Label sleep = new Label();
        Label next = new Label();
        Label notCloned = new Label();
        Label failed = new Label();
        Label done = new Label();
        a.bind(agent);
        a.load32(RCX, R12, SPINS);
        Label spin = a.here();
        a.load32(RAX, R12, SEQUENCE).cmpReg32(RAX, R14).jcc(Assembler.NOT_EQUAL, execute);
        a.test(RCX).jcc(Assembler.EQUAL, sleep);
        a.pause().dec(RCX).jmp(spin);
        a.bind(sleep);
        a.lea(RDI, R12, SEQUENCE).xor32(RSI, RSI).movReg32(RDX, R14).xor32(R10, R10);
        a.mov(RAX, Sys.FUTEX).syscall().jmp(agent);

        a.bind(execute);
        a.movReg32(R14, RAX).load(RBX, R12, FIRST).load32(RBP, R12, COUNT);
        a.bind(next);
        a.load(RAX, RBX, 0).load(RDI, RBX, 8).load(RSI, RBX, 16).load(RDX, RBX, 24);
        a.load(R10, RBX, 32).load(R8, RBX, 40).load(R9, RBX, 48).load(R15, RBX, 56);
        a.syscall();
        a.test(R15).jcc(Assembler.EQUAL, notCloned);
        a.test(RAX).jcc(Assembler.NOT_EQUAL, notCloned).jmpReg(R15);
        a.bind(notCloned);
        a.cmp(RAX, -4096).jcc(Assembler.ABOVE, failed);
        a.add(RBX, ControlFile.ENTRY_SIZE).dec(RBP).jcc(Assembler.NOT_EQUAL, next);
        a.load32(RCX, R12, WANT_RESULT).test32(RCX).jcc(Assembler.EQUAL, done);

        // Registers become bytes in the file by way of a table, so that no memory has to be
        // trusted.
        a.bind(failed);
        a.movReg(RBX, RAX).lea(R8, R13, RESULT).lea(R9, R8, 4);
        Label bytes = a.here();
        a.movReg(RCX, RBX).and(RCX, 0xff).shiftRight(RBX, 8);
        tell(a);
        a.inc(R8).cmpReg(R8, R9).jcc(Assembler.NOT_EQUAL, bytes);
        a.movReg(RCX, RBP);
        tell(a);

        a.bind(done);
        a.mov(RAX, Sys.PWRITE64).mov(RDI, StubFiles.CONTROL_FD).lea(RSI, R12, SEQUENCE);
        a.mov(RDX, 4).lea(R10, R13, DONE).syscall();
        a.mov(RAX, Sys.FUTEX)
                .lea(RDI, R12, DONE)
                .mov(RSI, FUTEX_WAKE)
                .mov(RDX, 1)
                .syscall();
        a.jmp(agent);
    }

    /** Writes the byte in rcx at the offset in r8. */
    private void tell(Assembler a) {
        a.lea(RSI, bytesTable).addReg(RSI, RCX);
        a.mov(RAX, Sys.PWRITE64).mov(RDI, StubFiles.CONTROL_FD).mov(RDX, 1);
        a.movReg(R10, R8).syscall();
    }

    private void childProcess(Assembler a) {
        Label mapList = new Label();
        a.bind(fresh);
        a.mov(RAX, Sys.MUNMAP).mov(RDI, 0).mov(RSI, LIMIT).syscall();
        a.test(RAX).jcc(Assembler.NOT_EQUAL, listFailed);
        a.bind(process);
        dieWithParent(a);
        a.movReg(R13, R9);
        a.bind(mapList);
        a.mov(RAX, Sys.MMAP).mov(RDI, LIST).mov(RSI, PAGE).mov(RDX, PROT_READ);
        a.mov(R10, MAP_SHARED_FIXED)
                .mov(R8, StubFiles.CONTROL_FD)
                .movReg(R9, R13)
                .syscall();
        a.mov(R12, LIST).cmpReg(RAX, R12).jcc(Assembler.NOT_EQUAL, listFailed);
        // The slots of the parent's threads are none of our business.
        a.mov(RAX, Sys.MUNMAP).mov(RDI, CONTEXTS).mov(RSI, CONTEXTS_SIZE).syscall();
        a.test(RAX).jcc(Assembler.NOT_EQUAL, listFailed);
        a.xor32(R14, R14).jmp(agent);
        a.bind(listFailed);
        StubProgram.exitGroup(a, StubProgram.EXIT_LIST);
        a.bind(orphan);
        StubProgram.exitGroup(a, StubProgram.EXIT_ORPHAN);
    }

    /** Parent 0: outside of our PID namespace. */
    private void dieWithParent(Assembler a) {
        Label adopted = new Label();
        a.mov(RAX, Sys.PRCTL)
                .mov(RDI, PR_SET_PDEATHSIG)
                .mov(RSI, Signals.SIGKILL)
                .syscall();
        a.mov(RAX, Sys.GETPPID).syscall().test(RAX).jcc(Assembler.EQUAL, adopted);
        a.cmp(RAX, parentPid).jcc(Assembler.NOT_EQUAL, orphan);
        a.bind(adopted);
    }

    private void stage2(Assembler a) {
        Label failed = new Label();
        a.bind(stage2);
        a.mov(RAX, Sys.MUNMAP).mov(RDI, StubProgram.BOOT).mov(RSI, PAGE).syscall();
        a.mov(RAX, Sys.PRCTL).mov(RDI, PR_SET_NAME).lea(RSI, name).syscall();
        a.mov(RAX, Sys.SETRLIMIT).mov(RDI, RLIMIT_CORE).lea(RSI, zeroes).syscall();
        a.mov(RAX, Sys.CAPSET).lea(RDI, capHeader).lea(RSI, zeroes).syscall();
        a.mov(RBX, 1);
        Label signals = a.here();
        a.mov(RAX, Sys.RT_SIGACTION).movReg(RDI, RBX).lea(RSI, ignore);
        a.xor32(RDX, RDX).mov(R10, SIGSET_BYTES).syscall();
        a.inc(RBX).cmp(RBX, SIGNALS_END).jcc(Assembler.NOT_EQUAL, signals);
        for (int signal : HANDLED) {
            a.mov(RAX, Sys.RT_SIGACTION).mov(RDI, signal).lea(RSI, action);
            a.xor32(RDX, RDX).mov(R10, SIGSET_BYTES).syscall();
            a.test(RAX).jcc(Assembler.NOT_EQUAL, failed);
        }
        a.mov(RAX, Sys.RT_SIGPROCMASK).mov(RDI, SIG_SETMASK).lea(RSI, bytesTable);
        a.add(RSI, 256).xor32(RDX, RDX).mov(R10, SIGSET_BYTES).syscall();
        a.mov(RAX, Sys.PRCTL).mov(RDI, PR_SET_NO_NEW_PRIVS).mov(RSI, 1);
        a.xor32(RDX, RDX).xor32(R10, R10).xor32(R8, R8).syscall();
        a.mov(RAX, Sys.SECCOMP).mov(RDI, 1).xor32(RSI, RSI).mov(RDX, TEXT + FILTERS_OFFSET);
        a.syscall().test(RAX).jcc(Assembler.NOT_EQUAL, failed);
        a.movReg(R9, R13).jmp(process);
        a.bind(failed);
        StubProgram.exitGroup(a, StubProgram.EXIT_SECCOMP);
    }

    private void data(Assembler a) {
        a.align(16).bind(capHeader);
        a.dd(CAPABILITY_VERSION_3).dd(0);
        a.bind(zeroes);
        a.dq(0).dq(0).dq(0);
        a.bind(ignore);
        a.dq(1).dq(0).dq(0).dq(0); // SIG_IGN
        a.bind(action);
        a.dq(TEXT + handler.position())
                .dq(HANDLER_FLAGS)
                .dq(TEXT + restorer.position())
                .dq(0);
        a.bind(bytesTable);
        for (int i = 0; i < 256; i++) {
            a.db(i);
        }
        a.dq(-1);
        a.bind(name);
        a.bytes(new byte[] {'j', 'v', 'i', 's', 'o', 'r', '-', 's', 't', 'u', 'b', 0});
    }

    /**
     * Page 0: ELF header, one program header, and the code that moves to the text. The first
     * argument tells the list: two bytes with seven bits of its page number each.
     */
    private static byte[] boot(int stage2) {
        Assembler a = new Assembler();
        StubProgram.elfHeaders(a);
        a.load(RBX, RSP, 8).load32(R13, RBX, 0);
        a.movReg(R14, R13).and(R13, 0x7f).shiftRight(R14, 1).and(R14, 0x3f80).orReg(R13, R14);
        a.shiftLeft(R13, 12);
        StubProgram.moveToText(a, IMAGE_FD, TEXT, TEXT_SIZE, stage2);
        return a.toBytes();
    }
}
