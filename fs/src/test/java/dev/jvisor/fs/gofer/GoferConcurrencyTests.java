// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.stat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.NativeBuffer;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/** Many tasks at once, with caches so small that descriptors and fids are closed all the time. */
@Timeout(60)
final class GoferConcurrencyTests {

    private static final int DIRECTORIES = 8;
    private static final int FILES = 8;
    private static final int THREADS = 6;
    private static final int ROUNDS = 400;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nobodyReadsAnothersFile(boolean direct) throws Exception {
        Path tree = HostTrees.create();
        for (int d = 0; d < DIRECTORIES; d++) {
            Files.createDirectory(tree.resolve("d" + d));
            for (int f = 0; f < FILES; f++) {
                Files.writeString(tree.resolve("d" + d + "/f" + f), "I am " + d + "/" + f);
            }
        }
        String path = tree.toString();
        Transport transport =
                direct ? LocalGofer.direct(path, true) : LocalGofer.threaded(path, true);
        HandleCache handles = new HandleCache(24);
        GoferFilesystem fs =
                new GoferFilesystem(transport, GoferFilesystem.Caching.SHARED, true, handles, 2);
        TestContext c = TestContext.on(fs);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread[] threads = new Thread[THREADS];
        for (int t = 0; t < THREADS; t++) {
            Random random = new Random(t);
            TestContext own = c.fork();
            threads[t] = new Thread(() -> work(own, random, failure));
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(handles.idleCount()).isLessThanOrEqualTo(3);
        fs.release();
        assertThat(handles.totalCount()).isZero();
        HostTrees.delete(tree);
    }

    private static void work(TestContext c, Random random, AtomicReference<Throwable> failure) {
        try {
            for (int i = 0; i < ROUNDS && failure.get() == null; i++) {
                int d = random.nextInt(DIRECTORIES);
                int f = random.nextInt(FILES);
                String name = "/d" + d + "/f" + f;
                String text = "I am " + d + "/" + f;
                assertThat(read(c, name)).isEqualTo(text);
                assertThat(stat(c, name).size).isEqualTo(text.length());
            }
        } catch (ErrnoException | AssertionError e) {
            failure.compareAndSet(null, e);
        } finally {
            NativeBuffer.releaseScratch();
        }
    }
}
