// manned from SuperCollider: sends what is set, and knows what is set by whatever hand.
Manned {
	classvar <latents = 16, <macros = 8;
	var <addr, <values, <meter, <>action, <>meterAction, <>answerAction, listener, renewal, <window, views;

	*new { |host = "127.0.0.1", port = 57130|
		^super.new.init(NetAddr(host, port))
	}

	init { |address|
		addr = address;
		values = IdentityDictionary.new;
		meter = 0 ! 6;
		views = IdentityDictionary.new;
	}

	// Subscribes, asks for all that is set, and subscribes again every ten seconds.
	open { |meterRate = 20|
		this.close;
		listener = { |message, time, sender| if(sender == addr) { this.told(message) } };
		thisProcess.addOSCRecvFunc(listener);
		renewal = SkipJack({ this.send('/notify', 1); this.send('/meter', meterRate) }, 10, name: "manned");
		this.send('/notify', 1);
		this.send('/meter', meterRate);
		this.send('/dump');
	}

	close {
		listener !? {
			thisProcess.removeOSCRecvFunc(listener);
			renewal.stop;
			this.send('/meter', 0);
			this.send('/notify', 0);
		};
		listener = nil;
	}

	isOpen { ^listener.notNil }

	send { |... message| addr.sendMsg(*message) }

	// Sets a value, which is known at once; what others set is told.
	set { |address ... numbers|
		this.keep(address.asSymbol, numbers);
		this.send(address, *numbers);
	}

	get { |address|
		var numbers = values[address.asSymbol];
		^numbers !? { if(numbers.size == 1) { numbers[0] } { numbers } }
	}

	told { |message|
		var address = message[0], numbers = message[1..];
		case
		{ address == '/meter' } {
			meter = numbers;
			meterAction.value(this, numbers);
			this.show(address, numbers);
		}
		{ #['/done', '/fail', '/error', '/synced'].includes(address) or: { address.asString.endsWith(".reply") } } {
			answerAction.value(this, message);
		}
		{
			this.keep(address, numbers);
			action.value(this, address, *numbers);
		};
	}

	keep { |address, numbers|
		values[address] = numbers;
		this.show(address, numbers);
	}

	show { |address, numbers|
		views[address] !? { |view| { view.value(numbers) }.defer };
	}

	gate { |on = true| this.set('/gate', on.binaryValue) }
	// A name too; the answer to the question behind it is its number.
	chroma { |pitchClass| this.send('/chroma', pitchClass); this.send('/chroma') }
	octave { |number| this.set('/octave', number) }
	xy { |x, y| this.set('/xy', x, y) }
	latent { |number, value| this.set("/latent/" ++ number, value) }
	macro { |number, value| this.set("/macro/" ++ number, value) }
	load { |preset| this.send('/preset/load', preset) }
	next { this.send('/preset/next') }
	prev { this.send('/preset/prev') }

	// A panel that follows what is set.
	gui {
		var view, place, button, knob, x = 10;
		this.isOpen.not.if { this.open };
		window = Window("manned", Rect(80, 80, 1024, 470)).onClose_({ views.clear });
		button = { |bounds, label, function|
			Button(window, bounds).states_([[label]]).action_(function)
		};
		knob = { |address, label, bounds|
			var slider = Slider(window, bounds).action_({ |one| this.set(address, one.value) });
			StaticText(window, Rect(bounds.left - 4, bounds.bottom, bounds.width + 8, 18)).string_(label).align_(\center);
			views[address.asSymbol] = { |numbers| slider.value = numbers[0] };
		};
		view = CheckBox(window, Rect(10, 10, 80, 24), "drone").action_({ |one| this.gate(one.value) });
		views['/gate'] = { |numbers| view.value = numbers[0] > 0 };
		place = PopUpMenu(window, Rect(100, 10, 80, 24))
			.items_(#["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"])
			.action_({ |one| this.set('/chroma', one.value) });
		views['/chroma'] = { |numbers| place.value = numbers[0] };
		this.prOctave;
		this.prPad;
		latents.do { |number|
			knob.value("/latent/" ++ (number + 1), (number + 1).asString, Rect(270 + (46 * number), 50, 30, 170))
		};
		macros.do { |number|
			knob.value("/macro/" ++ (number + 1), "M" ++ (number + 1), Rect(10 + (50 * number), 270, 30, 150))
		};
		button.value(Rect(430, 270, 90, 28), "previous", { this.prev });
		button.value(Rect(530, 270, 90, 28), "next", { this.next });
		TextField(window, Rect(430, 310, 190, 28)).string_("keys/Grand").action_({ |one| this.load(one.string) });
		this.prMeter;
		window.front;
		this.send('/dump');
	}

	prOctave {
		var box = NumberBox(window, Rect(190, 10, 50, 24)).decimals_(0).step_(1).clipLo_(0).clipHi_(9);
		box.action_({ |one| this.octave(one.value.asInteger) });
		views['/octave'] = { |numbers| box.value = numbers[0] };
	}

	prPad {
		var pad = Slider2D(window, Rect(10, 50, 240, 190)).action_({ |one| this.xy(one.x, one.y) });
		views['/xy'] = { |numbers| pad.setXY(numbers[0], numbers[1]) };
	}

	prMeter {
		var levels = { |side| LevelIndicator(window, Rect(650 + (40 * side), 270, 30, 150)) } ! 2;
		views['/meter'] = { |numbers| levels.do { |one, side| one.value = numbers[side].min(1) } };
	}
}
