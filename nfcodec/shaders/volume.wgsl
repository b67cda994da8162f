// An image of a scalar volume through a color map: emission and absorption, in display-referred
// colors so that the color bar holds. As nfcodec/render/scalar.py.


fn draw_ray(ray: Ray) -> vec3<f32> {
    let step = params.march.x;
    var seen = vec3<f32>(0.0);
    var transmittance = 1.0;
    var k = 0u;
    loop {
        k = next_sample(ray, k);
        let t = ray.enter + (f32(k) + 0.5) * step;
        if (t >= ray.leave || transmittance <= MIN_TRANSMITTANCE || k >= MAX_SAMPLES) {
            break;
        }
        run_at(ray.start + ray.slope * t);
        let place = place_of(value(params.chosen.y));
        let alpha = 1.0 - exp(-place * place * params.transfer.z);
        seen += transmittance * alpha * table_color(place);
        transmittance *= 1.0 - alpha;
        k += 1u;
    }
    return seen + transmittance * params.background.xyz;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.image.z * params.image.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
