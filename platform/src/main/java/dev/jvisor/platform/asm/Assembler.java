// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.asm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes x86-64 machine code (64-bit mode) into a byte array.
 *
 * <p>Registers are the numbers of {@link Reg}. Operations without a width in their name are 64 bits
 * wide. Jumps take 32-bit displacements. Encodings: Intel SDM vol. 2.
 */
public final class Assembler {

    /** Condition codes of {@link #jcc} (Intel SDM vol. 1, appendix B). */
    public static final int BELOW = 2;

    public static final int ABOVE_EQUAL = 3;
    public static final int EQUAL = 4;
    public static final int NOT_EQUAL = 5;
    public static final int BELOW_EQUAL = 6;
    public static final int ABOVE = 7;
    /** The result is negative. */
    public static final int SIGN = 8;

    public static final int LESS = 12;
    public static final int GREATER_EQUAL = 13;
    public static final int LESS_EQUAL = 14;

    private static final int REX = 0x40;
    private static final int REX_W = 8;
    private static final int REX_R = 4;
    private static final int REX_B = 1;

    private record Fixup(int at, Label label) {}

    private final List<Fixup> fixups = new ArrayList<>();
    private byte[] code = new byte[512];
    private int size;

    /** Returns the number of bytes written so far. */
    public int position() {
        return size;
    }

    /** Makes a label stand for the current position. */
    public Label bind(Label label) {
        label.bind(size);
        return label;
    }

    /** Returns a new label for the current position. */
    public Label here() {
        return bind(new Label());
    }

    /** Returns the code with all label references resolved. */
    public byte[] toBytes() {
        for (Fixup fixup : fixups) {
            int displacement = fixup.label.position() - (fixup.at + 4);
            for (int i = 0; i < 4; i++) {
                code[fixup.at + i] = (byte) (displacement >> (8 * i));
            }
        }
        return Arrays.copyOf(code, size);
    }

    // Data.

    public Assembler db(int value) {
        if (size == code.length) {
            code = Arrays.copyOf(code, size * 2);
        }
        code[size++] = (byte) value;
        return this;
    }

    public Assembler dd(int value) {
        return db(value).db(value >> 8).db(value >> 16).db(value >> 24);
    }

    public Assembler dq(long value) {
        return dd((int) value).dd((int) (value >> 32));
    }

    public Assembler bytes(byte[] values) {
        for (byte value : values) {
            db(value);
        }
        return this;
    }

    /** Fills with {@code int3} up to a multiple of a power of two. */
    public Assembler align(int multiple) {
        while ((size & (multiple - 1)) != 0) {
            db(0xcc);
        }
        return this;
    }

    // Moves.

    /** {@code mov reg, imm}: the shortest encoding that gives all 64 bits. */
    public Assembler mov(int reg, long value) {
        if (value == 0) {
            return xor32(reg, reg);
        }
        if (value > 0 && value <= 0xffffffffL) {
            rexOptional(0, 0, reg);
            return db(0xb8 | (reg & 7)).dd((int) value);
        }
        if (value == (int) value) {
            return rex(REX_W, 0, reg).db(0xc7).modRegister(0, reg).dd((int) value);
        }
        return rex(REX_W, 0, reg).db(0xb8 | (reg & 7)).dq(value);
    }

    /** {@code mov to, from}. */
    public Assembler movReg(int to, int from) {
        return rex(REX_W, from, to).db(0x89).modRegister(from, to);
    }

    /** {@code mov to, [base + displacement]}. */
    public Assembler load(int to, int base, int displacement) {
        return rex(REX_W, to, base).db(0x8b).modMemory(to, base, displacement);
    }

    /** {@code mov [base + displacement], from}. */
    public Assembler store(int base, int displacement, int from) {
        return rex(REX_W, from, base).db(0x89).modMemory(from, base, displacement);
    }

    /** {@code mov to32, [base + displacement]}. */
    public Assembler load32(int to, int base, int displacement) {
        rexOptional(0, to, base);
        return db(0x8b).modMemory(to, base, displacement);
    }

    /** {@code mov [base + displacement], from32}. */
    public Assembler store32(int base, int displacement, int from) {
        rexOptional(0, from, base);
        return db(0x89).modMemory(from, base, displacement);
    }

    /** {@code mov byte [base + displacement], imm}. */
    public Assembler storeByte(int base, int displacement, int value) {
        rexOptional(0, 0, base);
        return db(0xc6).modMemory(0, base, displacement).db(value);
    }

    /** {@code lea to, [rip + label]}. */
    public Assembler lea(int to, Label label) {
        rex(REX_W, to, 0).db(0x8d).db(((to & 7) << 3) | 5);
        return displacement(label);
    }

    /** {@code lea to, [base + displacement]}. */
    public Assembler lea(int to, int base, int displacement) {
        return rex(REX_W, to, base).db(0x8d).modMemory(to, base, displacement);
    }

    /** {@code mov to32, from32}; clears the upper half. */
    public Assembler movReg32(int to, int from) {
        rexOptional(0, from, to);
        return db(0x89).modRegister(from, to);
    }

    /** {@code mov dword [base + displacement], imm}. */
    public Assembler storeImmediate32(int base, int displacement, int value) {
        rexOptional(0, 0, base);
        return db(0xc7).modMemory(0, base, displacement).dd(value);
    }

    /** {@code xchg [base + displacement], reg32}: atomic and a full barrier. */
    public Assembler exchange32(int base, int displacement, int reg) {
        rexOptional(0, reg, base);
        return db(0x87).modMemory(reg, base, displacement);
    }

    /** {@code lock cmpxchg [base + displacement], from32}, compared with eax. */
    public Assembler compareExchange32(int base, int displacement, int from) {
        db(0xf0);
        rexOptional(0, from, base);
        return db(0x0f).db(0xb1).modMemory(from, base, displacement);
    }

    /** {@code mov to, gs:[offset]}. */
    public Assembler loadGs(int to, int offset) {
        return db(0x65).rex(REX_W, to, 0).db(0x8b).modAbsolute(to, offset);
    }

    /** {@code mov gs:[offset], from}. */
    public Assembler storeGs(int offset, int from) {
        return db(0x65).rex(REX_W, from, 0).db(0x89).modAbsolute(from, offset);
    }

    // System.

    public Assembler readFsBase(int to) {
        return db(0xf3).rex(REX_W, 0, to).db(0x0f).db(0xae).modRegister(0, to);
    }

    public Assembler readGsBase(int to) {
        return db(0xf3).rex(REX_W, 0, to).db(0x0f).db(0xae).modRegister(1, to);
    }

    public Assembler writeFsBase(int from) {
        return db(0xf3).rex(REX_W, 0, from).db(0x0f).db(0xae).modRegister(2, from);
    }

    public Assembler writeGsBase(int from) {
        return db(0xf3).rex(REX_W, 0, from).db(0x0f).db(0xae).modRegister(3, from);
    }

    /** {@code xsave64 [base]}, components in edx:eax. */
    public Assembler xsave(int base) {
        return rex(REX_W, 0, base).db(0x0f).db(0xae).modMemory(4, base, 0);
    }

    /** {@code xrstor64 [base]}, components in edx:eax. */
    public Assembler xrstor(int base) {
        return rex(REX_W, 0, base).db(0x0f).db(0xae).modMemory(5, base, 0);
    }

    public Assembler cpuid() {
        return db(0x0f).db(0xa2);
    }

    /** Extended control register ecx into edx:eax. */
    public Assembler xgetbv() {
        return db(0x0f).db(0x01).db(0xd0);
    }

    public Assembler iretq() {
        return db(REX | REX_W).db(0xcf);
    }

    public Assembler pushFlags() {
        return db(0x9c);
    }

    public Assembler popFlags() {
        return db(0x9d);
    }

    /** {@code push qword [base + displacement]}. */
    public Assembler pushMemory(int base, int displacement) {
        rexOptional(0, 0, base);
        return db(0xff).modMemory(6, base, displacement);
    }

    /** {@code pop qword [base + displacement]}. */
    public Assembler popMemory(int base, int displacement) {
        rexOptional(0, 0, base);
        return db(0x8f).modMemory(0, base, displacement);
    }

    /** {@code push imm}, -128 to 127. */
    public Assembler pushImmediate(int value) {
        return db(0x6a).db(value);
    }

    // Arithmetic.

    public Assembler add(int reg, int value) {
        return rex(REX_W, 0, reg).db(0x81).modRegister(0, reg).dd(value);
    }

    public Assembler sub(int reg, int value) {
        return rex(REX_W, 0, reg).db(0x81).modRegister(5, reg).dd(value);
    }

    /** {@code cmp reg, imm}, the immediate sign-extended. */
    public Assembler cmp(int reg, int value) {
        return rex(REX_W, 0, reg).db(0x81).modRegister(7, reg).dd(value);
    }

    /** {@code cmp left, right}. */
    public Assembler cmpReg(int left, int right) {
        return rex(REX_W, right, left).db(0x39).modRegister(right, left);
    }

    /** {@code sub to, from}. */
    public Assembler subReg(int to, int from) {
        return rex(REX_W, from, to).db(0x29).modRegister(from, to);
    }

    /** {@code add to, from}. */
    public Assembler addReg(int to, int from) {
        return rex(REX_W, from, to).db(0x01).modRegister(from, to);
    }

    /** {@code or to, from}. */
    public Assembler orReg(int to, int from) {
        return rex(REX_W, from, to).db(0x09).modRegister(from, to);
    }

    /** {@code and reg, imm}, the immediate sign-extended. */
    public Assembler and(int reg, int value) {
        return rex(REX_W, 0, reg).db(0x81).modRegister(4, reg).dd(value);
    }

    /** {@code shl reg, count}. */
    public Assembler shiftLeft(int reg, int count) {
        return rex(REX_W, 0, reg).db(0xc1).modRegister(4, reg).db(count);
    }

    /** {@code shr reg, count}. */
    public Assembler shiftRight(int reg, int count) {
        return rex(REX_W, 0, reg).db(0xc1).modRegister(5, reg).db(count);
    }

    /** {@code cmp reg32, imm}. */
    public Assembler cmp32(int reg, int value) {
        rexOptional(0, 0, reg);
        return db(0x81).modRegister(7, reg).dd(value);
    }

    /** {@code cmp left32, right32}. */
    public Assembler cmpReg32(int left, int right) {
        rexOptional(0, right, left);
        return db(0x39).modRegister(right, left);
    }

    /** {@code test reg32, reg32}. */
    public Assembler test32(int reg) {
        rexOptional(0, reg, reg);
        return db(0x85).modRegister(reg, reg);
    }

    /** {@code test reg, reg}. */
    public Assembler test(int reg) {
        return rex(REX_W, reg, reg).db(0x85).modRegister(reg, reg);
    }

    /** {@code dec reg}. */
    public Assembler dec(int reg) {
        return rex(REX_W, 0, reg).db(0xff).modRegister(1, reg);
    }

    /** {@code inc reg}. */
    public Assembler inc(int reg) {
        return rex(REX_W, 0, reg).db(0xff).modRegister(0, reg);
    }

    /** {@code xor to32, from32}; clears the upper half. */
    public Assembler xor32(int to, int from) {
        rexOptional(0, from, to);
        return db(0x31).modRegister(from, to);
    }

    /** {@code idiv reg}: rdx:rax by reg. */
    public Assembler idiv(int reg) {
        return rex(REX_W, 0, reg).db(0xf7).modRegister(7, reg);
    }

    // Control.

    public Assembler jmp(Label target) {
        return db(0xe9).displacement(target);
    }

    public Assembler jmpReg(int reg) {
        rexOptional(0, 0, reg);
        return db(0xff).modRegister(4, reg);
    }

    public Assembler jcc(int condition, Label target) {
        return db(0x0f).db(0x80 | condition).displacement(target);
    }

    public Assembler call(Label target) {
        return db(0xe8).displacement(target);
    }

    public Assembler callReg(int reg) {
        rexOptional(0, 0, reg);
        return db(0xff).modRegister(2, reg);
    }

    public Assembler ret() {
        return db(0xc3);
    }

    public Assembler push(int reg) {
        rexOptional(0, 0, reg);
        return db(0x50 | (reg & 7));
    }

    public Assembler pop(int reg) {
        rexOptional(0, 0, reg);
        return db(0x58 | (reg & 7));
    }

    public Assembler syscall() {
        return db(0x0f).db(0x05);
    }

    public Assembler int80() {
        return db(0xcd).db(0x80);
    }

    public Assembler int3() {
        return db(0xcc);
    }

    public Assembler nop() {
        return db(0x90);
    }

    public Assembler pause() {
        return db(0xf3).db(0x90);
    }

    public Assembler ud2() {
        return db(0x0f).db(0x0b);
    }

    // Encoding.

    private Assembler rex(int bits, int reg, int rm) {
        return db(REX | bits | (reg > 7 ? REX_R : 0) | (rm > 7 ? REX_B : 0));
    }

    private void rexOptional(int bits, int reg, int rm) {
        if (bits != 0 || reg > 7 || rm > 7) {
            rex(bits, reg, rm);
        }
    }

    private Assembler modRegister(int reg, int rm) {
        return db(0xc0 | ((reg & 7) << 3) | (rm & 7));
    }

    private Assembler modMemory(int reg, int base, int displacement) {
        db(0x80 | ((reg & 7) << 3) | (base & 7));
        if ((base & 7) == Reg.RSP) {
            db(0x24); // SIB: no index
        }
        return dd(displacement);
    }

    private Assembler modAbsolute(int reg, int address) {
        return db(((reg & 7) << 3) | 4).db(0x25).dd(address);
    }

    /** {@code jmp gs:[offset]}. */
    public Assembler jmpGs(int offset) {
        return db(0x65).db(0xff).modAbsolute(4, offset);
    }

    private Assembler displacement(Label label) {
        fixups.add(new Fixup(size, label));
        return dd(0);
    }
}
