// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.executor;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;
import dev.jvisor.conformance.program.Outcome;
import dev.jvisor.conformance.program.Output;
import dev.jvisor.conformance.program.Program;
import dev.jvisor.conformance.program.Step;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A started executor. Used by one thread. */
public final class Connection implements AutoCloseable {

    /** An executor that does not answer is killed; programs end after five seconds. */
    private static final long ANSWER_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final int SIGNALS_LISTED_MAX = GuestExecutor.SIGNALS_MAX;
    private static final int TIME_LIMIT_SECONDS = 5;

    /** "/w/" and eight digits; behind it stands the path "/". */
    private static final int PATH_LENGTH = 11;

    private final String name;
    private final Process process;
    private final Path bundle;
    private final DataInputStream answers;
    private final OutputStream commands;
    private final Thread watchdog;
    private volatile long deadlineNanos = Long.MAX_VALUE;
    private int served;

    Connection(String name, Process process, Path bundle) {
        this.name = name;
        this.process = process;
        this.bundle = bundle;
        answers = new DataInputStream(process.getInputStream());
        commands = process.getOutputStream();
        watchdog = Thread.ofPlatform().daemon().start(this::watch);
    }

    private void watch() {
        try {
            while (process.isAlive()) {
                Thread.sleep(500);
                long deadline = deadlineNanos;
                if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns how many programs ran through this connection. */
    public int served() {
        return served;
    }

    /**
     * Runs a program.
     *
     * @throws IOException if the executor does not answer; the connection is of no more use then
     */
    public Outcome run(Program program) throws IOException {
        served++;
        List<Step> all = new ArrayList<>(prologue());
        int own = all.size();
        all.addAll(program.steps());
        deadlineNanos = System.nanoTime() + ANSWER_LIMIT_NANOS;
        try {
            commands.write(message(all, own, program.arena()));
            commands.flush();
            byte[] head = new byte[GuestExecutor.REPORTED];
            answers.readFully(head);
            ByteBuffer answer = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
            byte[] memory = new byte[(int) answer.getLong(8)];
            answers.readFully(memory);
            return outcome(all, own, answer, memory);
        } catch (IOException failed) {
            throw new IOException(name + ": no answer to\n" + program + errors(), failed);
        } finally {
            deadlineNanos = Long.MAX_VALUE;
        }
    }

    private String errors() throws IOException {
        return Files.readString(bundle.resolve("errors"), StandardCharsets.ISO_8859_1);
    }

    /** A directory of its own as root, and an end. */
    private List<Step> prologue() {
        long path = GuestExecutor.PROGRAM + GuestExecutor.PROGRAM_HEADER_SIZE;
        return List.of(
                step(Call.ALARM, TIME_LIMIT_SECONDS),
                step(Call.UMASK, 0),
                step(Call.MKDIR, path, 0755),
                step(Call.CHROOT, path),
                step(Call.CHDIR, path + PATH_LENGTH + 1),
                step(Call.UMASK, 022));
    }

    private static Step step(Call call, long... values) {
        List<Argument> arguments = new ArrayList<>();
        for (long value : values) {
            arguments.add(Argument.constant(value));
        }
        return new Step(call, arguments, Output.NONE);
    }

    private byte[] message(List<Step> steps, int own, byte[] arena) {
        byte[] path = String.format("/w/%08d\0/\0", served).getBytes(StandardCharsets.US_ASCII);
        int stepsLength = steps.size() * GuestExecutor.STEP_SIZE;
        int length = stepsLength + path.length;
        if (steps.size() > GuestExecutor.STEPS_MAX || arena.length != GuestExecutor.ARENA_SIZE) {
            throw new IllegalArgumentException("steps=" + steps.size());
        }
        ByteBuffer message = ByteBuffer.allocate(
                        GuestExecutor.PROGRAM_HEADER_SIZE + length + arena.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        message.putLong(steps.size()).putLong(length);
        for (int i = 0; i < steps.size(); i++) {
            put(message, steps.get(i), i < own ? stepsLength : 0, i < own ? 0 : own);
        }
        return message.put(path).put(arena).array();
    }

    /**
     * Writes a step.
     *
     * @param addressOffset added to addresses of the program's memory
     * @param indexOffset added to indices of steps
     */
    private static void put(ByteBuffer message, Step step, int addressOffset, int indexOffset) {
        long kinds = 0;
        long[] values = new long[6];
        for (int i = 0; i < step.arguments().size(); i++) {
            Argument argument = step.arguments().get(i);
            values[i] = argument.value();
            switch (argument.kind()) {
                case CONSTANT -> {
                    boolean inProgram = values[i] >= GuestExecutor.PROGRAM
                            && values[i] < GuestExecutor.PROGRAM + GuestExecutor.PROGRAM_SIZE;
                    values[i] += inProgram ? addressOffset : 0;
                }
                case RESULT -> {
                    values[i] += indexOffset;
                    kinds |= 1L << i;
                }
                case WORD -> kinds |= 0x100L << i;
            }
        }
        message.putLong(step.call().number()).putLong(kinds);
        for (long value : values) {
            message.putLong(value);
        }
        message.putLong(step.output().address()).putLong(step.output().length());
    }

    private static Outcome outcome(List<Step> steps, int own, ByteBuffer answer, byte[] memory) {
        int done = (int) answer.getLong(0);
        List<String> results = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < done; i++) {
            Step step = steps.get(i);
            long value = answer.getLong(GuestExecutor.VALUES + 8 * i);
            byte[] output = new byte[step.output().length()];
            System.arraycopy(memory, at, output, 0, output.length);
            at += output.length;
            if (i >= own) {
                results.add(Outcome.describe(step, value, output));
            } else if (value < 0) {
                throw new IllegalStateException(step + " = " + value);
            }
        }
        StringBuilder end =
                new StringBuilder("status ").append(answer.getInt(GuestExecutor.STATUS));
        long signals = Math.min(answer.getLong(GuestExecutor.SIGNALS), SIGNALS_LISTED_MAX);
        for (int i = 1; i <= signals; i++) {
            end.append(i == 1 ? ", handled signals " : " ");
            end.append(answer.getLong(GuestExecutor.SIGNALS + 8 * i));
        }
        return new Outcome(results, end.toString());
    }

    @Override
    public void close() throws IOException {
        watchdog.interrupt();
        try {
            commands.close();
        } catch (IOException gone) {
            // it has ended already
        }
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Machine.deleteTree(bundle);
    }
}
