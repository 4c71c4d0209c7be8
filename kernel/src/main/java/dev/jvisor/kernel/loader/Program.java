// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static dev.jvisor.platform.abi.Mman.PROT_EXEC;
import static dev.jvisor.platform.abi.Mman.PROT_READ;
import static dev.jvisor.platform.abi.Mman.PROT_WRITE;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.signal.SignalFrame;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Elf;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.host.HostAuxv;

import org.jspecify.annotations.Nullable;

/**
 * A validated program, ready to replace a task's image. Made by {@link ProgramLoader#prepare};
 * holds the files it came from until {@link #release}.
 */
public final class Program {

    /** personality(2): no randomised addresses. */
    public static final int ADDR_NO_RANDOMIZE = 0x0040000;

    private static final long PAGE_SIZE = 4096;
    private static final long PAGE_MASK = PAGE_SIZE - 1;
    private static final long STACK_EXPAND = 131072; // fs/exec.c: setup_arg_pages
    private static final long CLOCK_TICKS_PER_SECOND = 100;
    private static final long FLAGS_INITIAL = 0x202; // interrupts enabled, reserved bit 1
    private static final long USER_CS = 0x33;
    private static final long USER_DS = 0x2b;

    private final ElfImage image;
    private final FileDescription file;
    private final @Nullable ElfImage interpreter;
    private final @Nullable FileDescription interpreterFile;
    private final byte[] execName;
    private final String commName;
    private final byte[][] arguments;
    private final byte[][] environment;
    private @Nullable Mappable mappable;
    private @Nullable Mappable interpreterMappable;
    private int personality;

    Program(
            ElfImage image,
            FileDescription file,
            @Nullable ElfImage interpreter,
            @Nullable FileDescription interpreterFile,
            byte[] execName,
            String commName,
            byte[][] arguments,
            byte[][] environment) {
        this.image = image;
        this.file = file;
        this.interpreter = interpreter;
        this.interpreterFile = interpreterFile;
        this.execName = execName;
        this.commName = commName;
        this.arguments = arguments;
        this.environment = environment;
    }

    /** Finds what mmap will map, while a failure is still an error of execve. */
    void mapFiles(Task task) throws ErrnoException {
        mappable = mappableOf(task, file);
        if (interpreterFile != null) {
            interpreterMappable = mappableOf(task, interpreterFile);
        }
    }

    private static Mappable mappableOf(Task task, FileDescription file) throws ErrnoException {
        try {
            return file.mappable(task);
        } catch (ErrnoException e) {
            throw e.errno == Errno.ENODEV ? Errno.ENOEXEC.exception() : e;
        }
    }

    /**
     * The file whose mode bits and mount decide on set-id, and what {@code /proc/PID/exe} shows:
     * the ELF program, for a script its interpreter. Borrowed until {@link #release}.
     */
    public FileDescription executable() {
        return file;
    }

    /** New name of the task, at most 15 bytes. */
    public String commName() {
        return commName;
    }

    /** The task's personality(2), which decides on randomisation. */
    public void setPersonality(int personality) {
        this.personality = personality;
    }

    /**
     * Maps the program into empty memory and sets the registers to its start.
     *
     * @param secure AT_SECURE: credentials changed
     * @throws ErrnoException ENOMEM and others; the memory is partly built then, and the process
     *     must be killed (Linux: SIGSEGV)
     */
    public void install(
            Task task,
            MemoryManager memory,
            Registers registers,
            Credentials credentials,
            boolean secure)
            throws ErrnoException {
        boolean randomize = (personality & ADDR_NO_RANDOMIZE) == 0;
        Layouts layouts = new Layouts(
                task.kernel().platform().minAddress(),
                task.kernel().platform().maxAddress(),
                task.limit(Resource.RLIMIT_STACK),
                randomize);
        memory.setMmapBase(layouts.mmapBase);
        InitialStack stack = new InitialStack(execName, arguments, environment);
        mapStack(memory, layouts, stack);
        ElfMapper main = mapImage(memory, layouts);
        long base = 0;
        long start = image.entry + main.bias();
        if (interpreter != null) {
            ElfMapper mapper = new ElfMapper(memory, interpreter, required(interpreterMappable));
            mapper.map(0);
            base = mapper.bias();
            start = interpreter.entry + base;
        }
        setBrk(memory, layouts, main.bias());
        Vdso vdso = task.kernel().vdso();
        if (vdso != null) {
            memory.layout().vdso = vdso.mapInto(memory);
            stack.aux(Elf.AT_SYSINFO_EHDR, memory.layout().vdso);
        }
        stack.aux(Elf.AT_MINSIGSTKSZ, SignalFrame.sizeBound(task.context().vectorStateSize()));
        fillAuxv(stack, main.bias(), base, credentials, secure);
        writeStack(memory, layouts, stack);
        start(registers, start, stack.pointer);
    }

    private static Mappable required(@Nullable Mappable mappable) {
        if (mappable == null) {
            throw new IllegalStateException("files not mapped");
        }
        return mappable;
    }

    private void mapStack(MemoryManager memory, Layouts layouts, InitialStack stack)
            throws ErrnoException {
        long length = stack.sizeBound(layouts.stackOffset) + STACK_EXPAND + PAGE_MASK & ~PAGE_MASK;
        int protection = PROT_READ | PROT_WRITE | (image.hasExecutableStack ? PROT_EXEC : 0);
        memory.mapStack(layouts.stackTop, length, protection);
    }

    private ElfMapper mapImage(MemoryManager memory, Layouts layouts) throws ErrnoException {
        ElfMapper mapper = new ElfMapper(memory, image, required(mappable));
        // A program without interpreter (ld.so itself, static PIE) goes where mappings go.
        mapper.map(image.isRelocatable && interpreter != null ? layouts.pieBase : 0);
        MemoryManager.Layout layout = memory.layout();
        layout.startCode = Long.MAX_VALUE;
        layout.endCode = 0;
        layout.startData = 0;
        layout.endData = 0;
        for (ElfImage.Segment s : image.segments) {
            long from = s.address() + mapper.bias();
            long to = s.fileEnd() + mapper.bias();
            if (s.isExecutable()) {
                layout.startCode = Math.min(layout.startCode, from);
                layout.endCode = Math.max(layout.endCode, to);
            }
            layout.startData = Math.max(layout.startData, from);
            layout.endData = Math.max(layout.endData, to);
        }
        return mapper;
    }

    private void setBrk(MemoryManager memory, Layouts layouts, long bias) {
        long brk = image.end + bias;
        if (image.isRelocatable && interpreter == null) {
            brk = layouts.pieBase; // away from the mappings that would keep the heap from growing
        }
        brk += layouts.brkOffset;
        memory.setBrkStart(brk);
        memory.layout().startBrk = brk;
    }

    private void fillAuxv(
            InitialStack stack, long bias, long base, Credentials credentials, boolean secure) {
        long headers = image.headersAddress();
        stack.aux(Elf.AT_HWCAP, HostAuxv.value(Elf.AT_HWCAP));
        stack.aux(Elf.AT_PAGESZ, PAGE_SIZE);
        stack.aux(Elf.AT_CLKTCK, CLOCK_TICKS_PER_SECOND);
        stack.aux(Elf.AT_PHDR, headers == 0 ? 0 : headers + bias);
        stack.aux(Elf.AT_PHENT, ElfImage.PROGRAM_HEADER_SIZE);
        stack.aux(Elf.AT_PHNUM, image.headersCount);
        stack.aux(Elf.AT_BASE, base);
        stack.aux(Elf.AT_FLAGS, 0);
        stack.aux(Elf.AT_ENTRY, image.entry + bias);
        UserNamespace users = credentials.userNamespace();
        stack.aux(Elf.AT_UID, users.shownUid(credentials.uid()) & 0xffffffffL);
        stack.aux(Elf.AT_EUID, users.shownUid(credentials.euid()) & 0xffffffffL);
        stack.aux(Elf.AT_GID, users.shownGid(credentials.gid()) & 0xffffffffL);
        stack.aux(Elf.AT_EGID, users.shownGid(credentials.egid()) & 0xffffffffL);
        stack.aux(Elf.AT_SECURE, secure ? 1 : 0);
    }

    private static void writeStack(MemoryManager memory, Layouts layouts, InitialStack stack)
            throws ErrnoException {
        byte[] content = stack.build(layouts.stackTop, layouts.stackOffset, layouts.random);
        memory.copyOut(stack.pointer, content, 0, content.length);
        MemoryManager.Layout layout = memory.layout();
        layout.startStack = stack.pointer;
        layout.argStart = stack.argStart;
        layout.argEnd = stack.argEnd;
        layout.envStart = stack.envStart;
        layout.envEnd = stack.envEnd;
        layout.auxv = stack.auxvBytes();
    }

    private static void start(Registers r, long entry, long stackPointer) {
        r.copyFrom(new Registers());
        r.rip = entry;
        r.rsp = stackPointer;
        r.eflags = FLAGS_INITIAL;
        r.cs = USER_CS;
        r.ss = USER_DS;
        r.origRax = -1;
    }

    /** Closes the files it holds. */
    public void release() {
        file.release();
        if (interpreterFile != null) {
            interpreterFile.release();
        }
    }
}
