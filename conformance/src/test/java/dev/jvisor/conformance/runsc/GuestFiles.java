// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.runsc;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.asm.StaticElf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Guest programs as files, made without a compiler: they need nothing of the machine. */
final class GuestFiles {

    private static final int WRITE = 1;
    private static final int EXIT_GROUP = 231;

    private GuestFiles() {}

    /** A program that prints a text and ends with a status. */
    static byte[] printing(String text, int status) {
        Assembler a = new Assembler();
        Label data = new Label();
        a.mov(Reg.RDI, 1).lea(Reg.RSI, data).mov(Reg.RDX, text.length());
        a.mov(Reg.RAX, WRITE).syscall();
        a.mov(Reg.RDI, status).mov(Reg.RAX, EXIT_GROUP).syscall();
        a.bind(data);
        for (int i = 0; i < text.length(); i++) {
            a.db(text.charAt(i));
        }
        return StaticElf.image(a.toBytes());
    }

    /** A program that ends with the result of a system call as its status. */
    static byte[] calling(int number, long argument) {
        Assembler a = new Assembler();
        a.mov(Reg.RDI, argument).mov(Reg.RAX, number).syscall();
        a.movReg(Reg.RDI, Reg.RAX).mov(Reg.RAX, EXIT_GROUP).syscall();
        return StaticElf.image(a.toBytes());
    }

    /** A program that executes an undefined instruction. */
    static byte[] crashing() {
        return StaticElf.image(new Assembler().ud2().toBytes());
    }

    /** Writes a program into a directory and makes it executable. */
    static Path install(Path directory, String name, byte[] image) throws IOException {
        Path file = Files.write(directory.resolve(name), image);
        if (!file.toFile().setExecutable(true, false)) {
            throw new IOException("cannot make executable: " + file);
        }
        return file;
    }
}
