// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.discovery.DiscoveryIssue.Kind;
import dev.jvisor.syscalls.discovery.SyscallDescriptor.Parameter;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;

final class SyscallScannerTests {

    @SyscallHandlers
    static final class Valid {
        @Syscall(number = 0, name = "read")
        static long read(Task task, @Arg(Arg.Format.FD) int fd, long buffer, long count) {
            return 0;
        }

        @Syscall(number = 500, name = "brand_new", support = Support.PARTIAL, note = "all of it")
        static int brandNew(Task task) {
            return 0;
        }
    }

    @Test
    void describesWhatItFinds() {
        Discovery found = SyscallScanner.scanClasses(Valid.class);
        assertThat(found.issues()).isEmpty();
        assertThat(found.descriptors())
                .containsExactly(
                        new SyscallDescriptor(
                                0,
                                "read",
                                Support.FULL,
                                "",
                                Valid.class.getName(),
                                "read",
                                false,
                                List.of(
                                        new Parameter("fd", true, Arg.Format.FD),
                                        new Parameter("buffer", false, Arg.Format.HEX),
                                        new Parameter("count", false, Arg.Format.HEX))),
                        new SyscallDescriptor(
                                500,
                                "brand_new",
                                Support.PARTIAL,
                                "all of it",
                                Valid.class.getName(),
                                "brandNew",
                                true,
                                List.of()));
    }

    @Nested
    final class Bogus {

        @SyscallHandlers
        static final class Duplicates {
            @Syscall(number = 39, name = "getpid")
            static long first(Task task) {
                return 0;
            }

            @Syscall(number = 39, name = "getpid")
            static long second(Task task) {
                return 0;
            }
        }

        @Test
        void sameNumberTwice() {
            Discovery found = SyscallScanner.scanClasses(Duplicates.class);
            assertThat(found.descriptors()).hasSize(1);
            assertThat(found.issues()).hasSize(1);
            assertThat(found.issues().get(0).kind()).isEqualTo(Kind.DUPLICATE_NUMBER);
            assertThat(found.issues().get(0).message()).contains("39").contains("#");
        }

        @SyscallHandlers
        static final class WrongName {
            @Syscall(number = 39, name = "getppid")
            static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void numberOfAnotherName() {
            assertIssue(WrongName.class, Kind.NAME_MISMATCH, "number 39 is getpid, not getppid");
        }

        @SyscallHandlers
        static final class WrongNumber {
            @Syscall(number = 500, name = "getppid")
            static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void knownNameWithAFreeNumber() {
            assertIssue(WrongNumber.class, Kind.NAME_MISMATCH, "getppid is number 110, not 500");
        }

        @SyscallHandlers
        static final class OutOfRange {
            @Syscall(number = 512, name = "far_away")
            static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void numberBeyondTheTable() {
            assertIssue(OutOfRange.class, Kind.NUMBER_OUT_OF_RANGE, "number 512 is not in 0..511");
        }

        @SyscallHandlers
        static final class Negative {
            @Syscall(number = -1, name = "far_away")
            static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void negativeNumber() {
            assertIssue(Negative.class, Kind.NUMBER_OUT_OF_RANGE, "number -1 is not in 0..511");
        }

        @SyscallHandlers
        static final class Instance {
            @Syscall(number = 39, name = "getpid")
            long handler(Task task) {
                return 0;
            }
        }

        @Test
        void instanceMethod() {
            assertIssue(Instance.class, Kind.NOT_STATIC, "must be static");
        }

        @SyscallHandlers
        static final class Private {
            @Syscall(number = 39, name = "getpid")
            private static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void privateMethod() {
            assertIssue(Private.class, Kind.PRIVATE_METHOD, "must not be private");
        }

        @SyscallHandlers
        static final class NoTask {
            @Syscall(number = 39, name = "getpid")
            static long handler(long first) {
                return 0;
            }
        }

        @Test
        void firstParameterIsNotTheTask() {
            assertIssue(NoTask.class, Kind.NO_TASK, "the first parameter must be " + TASK);
        }

        private static final String TASK = "dev.jvisor.kernel.task.Task";

        @SyscallHandlers
        static final class Unbindable {
            @Syscall(number = 39, name = "getpid")
            static long handler(Task task, boolean flag) {
                return 0;
            }
        }

        @Test
        void parameterOfAnotherType() {
            assertIssue(
                    Unbindable.class,
                    Kind.UNBINDABLE_PARAMETER,
                    "parameter flag is boolean, not int or long");
        }

        @SyscallHandlers
        static final class Seven {
            @Syscall(number = 39, name = "getpid")
            static long handler(Task task, int a, int b, int c, int d, int e, int f, int g) {
                return 0;
            }
        }

        @Test
        void moreThanSixArguments() {
            assertIssue(
                    Seven.class,
                    Kind.TOO_MANY_PARAMETERS,
                    "7 arguments; a system call has at most 6");
        }

        @SyscallHandlers
        static final class NoResult {
            @Syscall(number = 39, name = "getpid")
            static void handler(Task task) {}
        }

        @Test
        void noResult() {
            assertIssue(NoResult.class, Kind.UNBINDABLE_RESULT, "returns void, not long or int");
        }

        @SyscallHandlers
        static final class NoNote {
            @Syscall(number = 39, name = "getpid", support = Support.PARTIAL)
            static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void partialWithoutNote() {
            assertIssue(
                    NoNote.class,
                    Kind.NOTE_MISMATCH,
                    "PARTIAL needs a note that says what is missing");
        }

        @SyscallHandlers
        static final class FullNote {
            @Syscall(number = 39, name = "getpid", note = "but not on Sundays")
            static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void fullWithNote() {
            assertIssue(
                    FullNote.class,
                    Kind.NOTE_MISMATCH,
                    "FULL has nothing missing, but there is a note");
        }

        static final class Unmarked {
            @Syscall(number = 39, name = "getpid")
            static long handler(Task task) {
                return 0;
            }
        }

        @Test
        void classWithoutTheMark() {
            assertIssue(Unmarked.class, Kind.CLASS_NOT_MARKED, "the class lacks @SyscallHandlers");
        }

        @Test
        void pathThatIsNotThere() {
            Discovery found = SyscallScanner.scan(List.of(Path.of("/no/such.jar")));
            assertThat(found.descriptors()).isEmpty();
            assertThat(found.issues())
                    .containsExactly(
                            new DiscoveryIssue(Kind.UNUSABLE, "/no/such.jar", "cannot be read"));
        }

        private static void assertIssue(Class<?> handlers, Kind kind, String message) {
            Discovery found = SyscallScanner.scanClasses(handlers);
            assertThat(found.descriptors()).isEmpty();
            assertThat(found.issues())
                    .containsExactly(new DiscoveryIssue(
                            kind, handlers.getSimpleName() + "#handler", message));
        }
    }
}
