// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.asm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.HexFormat;

/** Encodings as GNU as gives them. */
class AssemblerTests {

    private static String hex(Assembler assembler) {
        return HexFormat.of().formatHex(assembler.toBytes());
    }

    @Test
    void movTakesTheShortestEncodingThatGivesAllBits() {
        assertThat(hex(new Assembler().mov(Reg.RAX, 0))).isEqualTo("31c0");
        assertThat(hex(new Assembler().mov(Reg.R9, 0))).isEqualTo("4531c9");
        assertThat(hex(new Assembler().mov(Reg.RAX, 39))).isEqualTo("b827000000");
        assertThat(hex(new Assembler().mov(Reg.R12, 0xffffffffL))).isEqualTo("41bcffffffff");
        assertThat(hex(new Assembler().mov(Reg.RSI, -1))).isEqualTo("48c7c6ffffffff");
        assertThat(hex(new Assembler().mov(Reg.R15, 0x123456789aL)))
                .isEqualTo("49bf9a78563412000000");
    }

    @Test
    void memoryOperandsOfAllBases() {
        assertThat(hex(new Assembler().load(Reg.RAX, Reg.RBX, 8))).isEqualTo("488b8308000000");
        assertThat(hex(new Assembler().load(Reg.R8, Reg.RSP, 16))).isEqualTo("4c8b842410000000");
        assertThat(hex(new Assembler().load(Reg.RCX, Reg.R12, 0))).isEqualTo("498b8c2400000000");
        assertThat(hex(new Assembler().store(Reg.R13, -8, Reg.RDX))).isEqualTo("498995f8ffffff");
        assertThat(hex(new Assembler().load32(Reg.RAX, Reg.RDI, 4))).isEqualTo("8b8704000000");
        assertThat(hex(new Assembler().store32(Reg.RDI, 4, Reg.R10))).isEqualTo("44899704000000");
    }

    @Test
    void arithmeticAndControl() {
        assertThat(hex(new Assembler().add(Reg.R14, 1))).isEqualTo("4981c601000000");
        assertThat(hex(new Assembler().sub(Reg.RAX, 1))).isEqualTo("4881e801000000");
        assertThat(hex(new Assembler().cmp(Reg.RAX, -4096))).isEqualTo("4881f800f0ffff");
        assertThat(hex(new Assembler().cmpReg(Reg.RAX, Reg.R12))).isEqualTo("4c39e0");
        assertThat(hex(new Assembler().test(Reg.R15))).isEqualTo("4d85ff");
        assertThat(hex(new Assembler().dec(Reg.RBP))).isEqualTo("48ffcd");
        assertThat(hex(new Assembler().jmpReg(Reg.R15))).isEqualTo("41ffe7");
        assertThat(hex(new Assembler().callReg(Reg.RCX))).isEqualTo("ffd1");
        assertThat(hex(new Assembler().push(Reg.R8).pop(Reg.RAX))).isEqualTo("415058");
        assertThat(hex(new Assembler().syscall().int3().ret())).isEqualTo("0f05ccc3");
    }

    @Test
    void jumpsReachLabelsInBothDirections() {
        Assembler a = new Assembler();
        Label back = a.here();
        Label forward = new Label();
        a.jcc(Assembler.EQUAL, forward).jmp(back);
        a.bind(forward);
        a.lea(Reg.RDI, back);
        assertThat(hex(a)).isEqualTo("0f8405000000" + "e9f5ffffff" + "488d3deeffffff");
    }

    @Test
    void labelsAreBoundExactlyOnce() {
        Assembler a = new Assembler();
        Label label = a.here();
        assertThatThrownBy(() -> a.bind(label)).isInstanceOf(IllegalStateException.class);
        a.jmp(new Label());
        assertThatThrownBy(a::toBytes).isInstanceOf(IllegalStateException.class);
    }
}
