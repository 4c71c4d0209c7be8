// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R14;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBP;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;
import static dev.jvisor.runsc.bench.GuestCode.BLOCK;
import static dev.jvisor.runsc.bench.GuestCode.BUFFER;
import static dev.jvisor.runsc.bench.GuestCode.FORK;
import static dev.jvisor.runsc.bench.GuestCode.READ;
import static dev.jvisor.runsc.bench.GuestCode.WORDS;
import static dev.jvisor.runsc.bench.GuestCode.WRITE;
import static dev.jvisor.runsc.bench.GuestCode.call;
import static dev.jvisor.runsc.bench.GuestCode.exitGroup;
import static dev.jvisor.runsc.bench.GuestCode.loop;
import static dev.jvisor.runsc.bench.GuestCode.map;
import static dev.jvisor.runsc.bench.GuestCode.repeat;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;

/** Two processes that talk by TCP over the loopback device. */
final class SocketPrograms {

    private static final int SOCKET = 41;
    private static final int CONNECT = 42;
    private static final int ACCEPT = 43;
    private static final int BIND = 49;
    private static final int LISTEN = 50;
    private static final int GETSOCKNAME = 51;

    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int ADDRESS_BYTES = 16;

    /** struct sockaddr_in of 127.0.0.1, port 0, as the eight bytes that count. */
    private static final long LOOPBACK = 0x0100_007f_0000_0000L | AF_INET;

    private SocketPrograms() {}

    /** Sends a byte to a child and back. */
    static GuestWorkload pingPong() {
        int count = 5_000;
        GuestCode.Body child = a -> repeat(a, count, b -> {
            transfer(b, READ, 1);
            transfer(b, WRITE, 1);
        });
        return loop("tcp_pingpong", count, a -> connection(a, child), a -> {
            transfer(a, WRITE, 1);
            transfer(a, READ, 1);
        });
    }

    /** Receives from a child what that sends in blocks of 64 KiB. */
    static GuestWorkload throughput() {
        int count = 4_000;
        GuestCode.Body child = a -> repeat(a, count, b -> transfer(b, WRITE, BLOCK));
        return loop("tcp_64k", count, a -> connection(a, child), a -> {
            // What arrives is cut as TCP likes: a block is there when R14 bytes are.
            Label done = new Label();
            a.mov(R14, BLOCK);
            Label again = a.here();
            a.movReg(RDI, R12).movReg(RSI, R13).movReg(RDX, R14);
            call(a, READ);
            a.cmp(RAX, 0).jcc(Assembler.LESS_EQUAL, done);
            subtractResult(a);
            a.jcc(Assembler.NOT_EQUAL, again);
            a.bind(done);
        });
    }

    /** {@code sub r14, rax}. */
    private static void subtractResult(Assembler a) {
        a.db(0x49).db(0x29).db(0xc6);
    }

    /** Listens, forks a child that connects and does its part, and accepts: R12 is connected. */
    private static void connection(Assembler a, GuestCode.Body childPart) {
        Label parent = new Label();
        map(a, BLOCK);
        socket(a);
        a.mov(RAX, LOOPBACK).store(RBP, BUFFER, RAX).mov(RAX, 0).store(RBP, BUFFER + 8, RAX);
        withAddress(a, BIND);
        a.movReg(RDI, R12).mov(RSI, 1);
        call(a, LISTEN);
        a.mov(RAX, ADDRESS_BYTES).store(RBP, WORDS, RAX);
        a.movReg(RDI, R12).movReg(RSI, RBP).add(RSI, BUFFER).movReg(RDX, RBP).add(RDX, WORDS);
        call(a, GETSOCKNAME);
        call(a, FORK);
        a.test(RAX).jcc(Assembler.NOT_EQUAL, parent);
        socket(a);
        withAddress(a, CONNECT);
        childPart.emit(a);
        exitGroup(a, 0);
        a.bind(parent);
        a.movReg(RDI, R12).mov(RSI, 0).mov(RDX, 0);
        call(a, ACCEPT);
        Label connected = new Label();
        a.movReg(R12, RAX).cmp(RAX, 0).jcc(Assembler.GREATER_EQUAL, connected);
        exitGroup(a, 1);
        a.bind(connected);
    }

    private static void socket(Assembler a) {
        a.mov(RDI, AF_INET).mov(RSI, SOCK_STREAM).mov(RDX, 0);
        call(a, SOCKET);
        a.movReg(R12, RAX);
    }

    private static void withAddress(Assembler a, int number) {
        a.movReg(RDI, R12).movReg(RSI, RBP).add(RSI, BUFFER).mov(RDX, ADDRESS_BYTES);
        call(a, number);
    }

    private static void transfer(Assembler a, int number, int length) {
        a.movReg(RDI, R12).movReg(RSI, R13).mov(RDX, length);
        call(a, number);
    }
}
