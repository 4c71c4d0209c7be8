// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import static dev.jvisor.conformance.executor.GuestExecutor.ARENA;
import static dev.jvisor.conformance.executor.GuestExecutor.ARENA_SIZE;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;
import dev.jvisor.conformance.program.Format;
import dev.jvisor.conformance.program.Output;
import dev.jvisor.conformance.program.Program;
import dev.jvisor.conformance.program.Step;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Puts a program together, and knows the resources that it has. */
final class ProgramBuilder {

    /** Behind the arena, where nothing is mapped. */
    static final Argument UNMAPPED = Argument.constant(ARENA + ARENA_SIZE + 0x1000, "UNMAPPED");

    static final Argument AT_FDCWD = Argument.constant(-100, "AT_FDCWD");

    private static final int NAME_MAX = 255;

    private static final String[] PATHS = {
        "a", "a", "b", "d", "d", "d/a", "d/b", "d/e", "l", "l/a", "m", "d/l", "x",
    };

    private static final String[] ODD_PATHS = {
        "",
        ".",
        "..",
        "/",
        "d/",
        "a/",
        "l/",
        "./a",
        "d/../a",
        "d/.",
        "d/..",
        "//d//a",
        "a/b",
        "x/",
        "../a",
        "/d/a",
        "x/..",
        "l/..",
        "a/.",
        "loop",
        "loop/a",
        "dangling",
        "dangling/",
        "d/e/../b",
        "n".repeat(NAME_MAX),
        "n".repeat(NAME_MAX + 1),
        "d/".repeat(2000) + "a",
    };

    final Random random;

    private final String name;
    private final byte[] arena = new byte[ARENA_SIZE];
    private final List<Step> steps = new ArrayList<>();
    private final List<Argument> descriptors = new ArrayList<>();
    private final Map<String, Argument> strings = new HashMap<>();
    private int used;

    ProgramBuilder(String name, Random random) {
        this.name = name;
        this.random = random;
    }

    Program build() {
        return new Program(name, steps, arena);
    }

    // Chance.

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    @SafeVarargs
    final <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    long pickLong(long... choices) {
        return choices[random.nextInt(choices.length)];
    }

    // Steps.

    /** Adds a step and returns its result as an argument. */
    Argument step(Call call, Argument... arguments) {
        return step(call, Output.NONE, arguments);
    }

    Argument step(Call call, Output output, Argument... arguments) {
        steps.add(new Step(call, List.of(arguments), output));
        return Argument.result(steps.size() - 1);
    }

    /** Adds a step that may return a descriptor. */
    Argument opening(Call call, Argument... arguments) {
        Argument result = step(call, arguments);
        descriptors.add(result);
        return result;
    }

    void addDescriptor(Argument descriptor) {
        descriptors.add(descriptor);
    }

    // Arguments.

    static Argument of(long value) {
        return Argument.constant(value);
    }

    /** A descriptor of the program, seldom another number. */
    Argument descriptor() {
        if (descriptors.isEmpty() || oneIn(25)) {
            return pick(of(-1), of(50), of(0), of(1), of(Integer.MAX_VALUE), AT_FDCWD);
        }
        return descriptors.get(random.nextInt(descriptors.size()));
    }

    /** A directory for the {@code at} calls. */
    Argument directory() {
        return oneIn(3) ? descriptor() : AT_FDCWD;
    }

    Argument path() {
        if (oneIn(40)) {
            return pick(of(0), UNMAPPED, of(-1), of(Long.MIN_VALUE));
        }
        return string(oneIn(4) ? pick(ODD_PATHS) : pick(PATHS));
    }

    Argument string(String text) {
        Argument known = strings.get(text);
        if (known != null) {
            return known;
        }
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long address = reserve(bytes.length + 1);
        System.arraycopy(bytes, 0, arena, (int) (address - ARENA), bytes.length);
        String shown =
                text.length() > 40 ? text.substring(0, 10) + "...[" + text.length() + "]" : text;
        Argument made = Argument.constant(address, '"' + shown + '"');
        strings.put(text, made);
        return made;
    }

    /** Reserves memory in the arena, aligned to 8 bytes. */
    long reserve(int length) {
        long address = ARENA + used;
        used += length + 7 & ~7;
        if (used > ARENA_SIZE) {
            throw new IllegalStateException("arena is full: " + name);
        }
        return address;
    }

    /** Writes a word of 64 bits into the arena's first contents. */
    void poke(long address, long value) {
        ByteBuffer.wrap(arena)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong((int) (address - ARENA), value);
    }

    void pokeInt(long address, int value) {
        ByteBuffer.wrap(arena)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) (address - ARENA), value);
    }

    /** A buffer with contents that tell where they come from. */
    long filled(int length) {
        long address = reserve(length);
        for (int i = 0; i < length; i++) {
            arena[(int) (address - ARENA) + i] = (byte) ('A' + (steps.size() + i) % 50);
        }
        return address;
    }

    static Argument buffer(long address) {
        return Argument.constant(address, "buffer+" + (address - ARENA));
    }

    static Output bytes(long address, int length) {
        return new Output(address, length, Format.BYTES);
    }

    /** Some of the flags or-ed together, each with a chance of one in n. */
    Argument flags(int n, Object... namesAndValues) {
        long value = 0;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            long flag = ((Number) namesAndValues[i + 1]).longValue();
            if (oneIn(n) && (value & flag) != flag) {
                value |= flag;
                text.append(text.isEmpty() ? "" : "|").append(namesAndValues[i]);
            }
        }
        return Argument.constant(value, text.isEmpty() ? "0" : text.toString());
    }

    static Argument or(Argument left, Argument right) {
        if (right.value() == 0) {
            return left;
        }
        return Argument.constant(left.value() | right.value(), left + "|" + right);
    }

    Argument mode() {
        long mode = pickLong(0, 0644, 0755, 0600, 0777, 0400, 0111, 01777, 02755, 04711, 0170644);
        return Argument.constant(mode, "0" + Long.toOctalString(mode));
    }

    /** An offset or length: small mostly. */
    Argument offset() {
        return oneIn(6)
                ? of(pickLong(
                        -1,
                        4095,
                        4096,
                        4097,
                        8192,
                        65536,
                        Integer.MAX_VALUE,
                        1L << 32,
                        Long.MAX_VALUE,
                        Long.MIN_VALUE,
                        Long.MAX_VALUE - 4095))
                : of(random.nextInt(40));
    }

    // Usual beginnings.

    /** Two files, a directory with a file, and links of all sorts. */
    void makeTree() {
        Argument creating = Argument.constant(0x42, "O_RDWR|O_CREAT");
        Argument mode = Argument.constant(0644, "0644");
        long content = filled(24);
        step(Call.MKDIR, string("d"), Argument.constant(0755, "0755"));
        for (String file : new String[] {"a", "d/b"}) {
            Argument made = step(Call.OPENAT, AT_FDCWD, string(file), creating, mode);
            step(Call.WRITE, made, buffer(content), of(8 + random.nextInt(16)));
            step(Call.CLOSE, made);
        }
        step(Call.SYMLINK, string(pick("d", "a", "./d/", "/d")), string("l"));
        if (oneIn(2)) {
            step(Call.SYMLINK, string("loop"), string("loop"));
            step(Call.SYMLINK, string("x"), string("dangling"));
            step(Call.SYMLINK, string("../a"), string("d/l"));
            step(Call.MKDIR, string("d/e"), mode());
        }
    }

    Argument openFlags() {
        Argument access = pick(
                Argument.constant(0, "O_RDONLY"), Argument.constant(1, "O_WRONLY"),
                Argument.constant(2, "O_RDWR"), Argument.constant(2, "O_RDWR"));
        if (oneIn(30)) {
            access = Argument.constant(3, "O_ACCMODE");
        }
        return or(
                access,
                flags(
                        6,
                        "O_CREAT",
                        0x40,
                        "O_CREAT",
                        0x40,
                        "O_EXCL",
                        0x80,
                        "O_TRUNC",
                        0x200,
                        "O_APPEND",
                        0x400,
                        "O_NONBLOCK",
                        0x800,
                        "O_DIRECTORY",
                        0x10000,
                        "O_NOFOLLOW",
                        0x20000,
                        "O_CLOEXEC",
                        0x80000,
                        "O_PATH",
                        0x200000));
    }

    /** Opens a file that exists, with rights to read and write. */
    Argument openFile(String path, long moreFlags, String moreText) {
        return opening(
                Call.OPENAT,
                AT_FDCWD,
                string(path),
                Argument.constant(0x42 | moreFlags, "O_RDWR|O_CREAT" + moreText),
                Argument.constant(0644, "0644"));
    }
}
