// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import java.util.Random;

/** A simulated counter and host clock: time never goes back and stays near the host's. */
class CounterCalibrationProperties {

    private static final long ERROR_MAX_NANOS = 1_000;

    @Property(tries = 200)
    void timeNeverGoesBackAndStaysNear(
            @ForAll long seed,
            @ForAll @IntRange(min = 1_000, max = 5_000) int megahertz,
            @ForAll @IntRange(min = 0, max = 40) int noiseNanos) {
        Random random = new Random(seed);
        CounterCalibration calibration = new CounterCalibration();
        double frequency = megahertz / 1000.0 * (1 + random.nextGaussian() * 1e-5);
        long counterStart = random.nextLong() >>> 8;
        long monotonic = 1_000_000_000_000L;
        double elapsed = 0;
        long last = 0;
        for (int i = 0; i < 2_000; i++) {
            elapsed += random.nextInt(10) == 0
                    ? random.nextInt(2_000_000_000)
                    : random.nextInt(30_000);
            long counter = counterStart + (long) (elapsed * frequency);
            long host = monotonic + (long) elapsed;
            CounterParameters p = calibration.current();
            if (p == null || !p.covers(counter)) {
                long noise = noiseNanos == 0 ? 0 : random.nextInt(2 * noiseNanos) - noiseNanos;
                p = calibration.update(counter, host + noise, 5_000_000_000L + noise);
            }
            long now = p == null
                    ? Math.max(host - noiseNanos, calibration.floorNanos())
                    : p.monotonicNanos(counter);
            assertThat(now).isGreaterThanOrEqualTo(last - noiseNanos);
            if (p != null) {
                assertThat(now).isGreaterThanOrEqualTo(last);
                assertThat(Math.abs(now - host)).isLessThan(ERROR_MAX_NANOS);
                assertThat(p.realtimeOffset() - 5_000_000_000L).isBetween(-50L, 50L);
            }
            last = Math.max(last, now);
        }
    }

    @Property(tries = 50)
    void suspendAndOtherCountersStartANewBaseline(
            @ForAll @IntRange(min = 1, max = 1000) int hours) {
        CounterCalibration calibration = new CounterCalibration();
        long counter = 1_000_000;
        long host = 1_000_000_000;
        calibration.update(counter, host, 0);
        for (int i = 0; i < 5; i++) {
            counter += 2_600_000_000L;
            host += 1_000_000_000L;
            assertThat(calibration.update(counter, host, 0)).isNotNull();
        }
        // The counter goes on while the clock does not.
        counter += hours * 3600L * 2_600_000_000L;
        host += 1000;
        assertThat(calibration.update(counter, host, 0)).isNull();
        counter += 26_000_000;
        host += 10_000_000;
        CounterParameters p = calibration.update(counter, host, 0);
        assertThat(p).isNotNull();
        // Somebody may have read the old numbers to their end: no step back behind that.
        assertThat(p.monotonicNanos(counter) - host)
                .isBetween(-ERROR_MAX_NANOS, CounterCalibration.VALIDITY_MAX_NANOS);
    }
}
